"""Draws the loss curves of training logs as an SVG picture: `python3 plot.py OUT.svg NAME=LOG.jsonl ...`."""
import json
import math
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 380, 56, 16, 20, 46
COLOURS = ["#3b6fd4", "#d9822b", "#3f9c5a"]
TICKS = [0.1, 0.2, 0.3, 0.5, 1, 2, 4, 7]


def read(path):
    """(step, loss) of the training and of the checks; a line that a resumed run wrote again counts once."""
    trained, checked = {}, {}
    with open(path, encoding="utf-8") as file:
        for line in map(json.loads, file):
            if "loss" in line:
                trained[line["step"]] = line["loss"]
            if "validation" in line:
                checked[line.get("step", line.get("end"))] = line["validation"]
    return sorted(trained.items()), sorted(checked.items())


def picture(curves):
    steps = max(trained[-1][0] for trained, _ in curves.values())
    values = [v for trained, checked in curves.values() for _, v in trained + checked]
    low, high = math.log(min(values) * 0.93), math.log(max(values) * 1.05)

    def x(step):
        return LEFT + (WIDTH - LEFT - RIGHT) * step / steps

    def y(value):
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log(value)) / (high - low)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">'
           % (WIDTH, HEIGHT, WIDTH, HEIGHT), '<rect width="100%" height="100%" fill="#ffffff"/>']
    for tick in TICKS:
        if low <= math.log(tick) <= high:
            out.append('<path d="M%d %.1fH%d" stroke="#e3e3e3"/><text x="%d" y="%.1f" text-anchor="end" fill="#555">%g</text>'
                       % (LEFT, y(tick), WIDTH - RIGHT, LEFT - 8, y(tick) + 4, tick))
    apart = max(1, 10 ** int(math.log10(steps)) // 2)
    for step in range(0, steps + 1, apart):
        out.append('<text x="%.1f" y="%d" text-anchor="middle" fill="#555">%d</text>' % (x(step), HEIGHT - BOTTOM + 18, step))
    out.append('<text x="%d" y="%d" text-anchor="middle" fill="#555">training step (about 1,900 tokens each)</text>' % ((LEFT + WIDTH) / 2, HEIGHT - 8))
    for row, ((name, (trained, checked)), colour) in enumerate(zip(curves.items(), COLOURS)):
        line = " ".join("%.1f,%.1f" % (x(s), y(v)) for s, v in trained)
        out.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="1.2" opacity="0.55"/>' % (line, colour))
        out += ['<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (x(s), y(v), colour) for s, v in checked]
        out.append('<rect x="%d" y="%d" width="14" height="4" fill="%s"/><text x="%d" y="%d" fill="#222">%s</text>'
                   % (WIDTH - 330, TOP + 16 + 20 * row, colour, WIDTH - 308, TOP + 22 + 20 * row, name))
    out.append('<text x="%d" y="%d" fill="#555">line: training, dots: validation; nats per answer token</text></svg>'
               % (WIDTH - 330, TOP + 24 + 20 * len(curves)))
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    logs = dict(argument.split("=", 1) for argument in sys.argv[2:])
    with open(sys.argv[1], "w", encoding="utf-8") as target:
        target.write(picture({name: read(path) for name, path in logs.items()}))
