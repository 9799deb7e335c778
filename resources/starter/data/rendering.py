"""The text of a chat, exactly as the template "starter" of the application renders it (resources/templates/starter.json)."""
import json
import os

with open(os.path.join(os.path.dirname(__file__), "..", "..", "templates", "starter.json"), encoding="utf-8") as file:
    TEMPLATE = json.load(file)
FORMATS = TEMPLATE["formats"]


def prompt(turns, last):
    """The prompt for the answer to `last` after the (question, answer) pairs `turns`."""
    text = FORMATS["system"].replace("{text}", TEMPLATE["system"]) if TEMPLATE["system"] else ""
    for question, answer in turns:
        text += (TEMPLATE["separator"] if text else "") + FORMATS["user"].replace("{text}", question)
        text += FORMATS["assistant"].replace("{text}", answer)
    return text + (TEMPLATE["separator"] if text else "") + FORMATS["user"].replace("{text}", last) + FORMATS["reply"]
