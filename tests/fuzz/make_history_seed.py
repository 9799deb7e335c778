#!/usr/bin/env python3
"""Makes a seed of fuzz_history_pages from a fixture: pages of 512 bytes, so that a few kilobytes have trees, long rows,
and a log with frames that count and frames of the use before.  Usage: make_history_seed.py HISTORY SEED"""
import os
import shutil
import sqlite3
import struct
import sys
import tempfile

source, seed = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "history.sqlite")
    shutil.copyfile(source, path)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=DELETE")
    database.execute("PRAGMA page_size=512")
    database.execute("VACUUM")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA wal_autocheckpoint=0")
    write = "UPDATE messages SET text = ? WHERE id = ?"
    for number in (1, 2):
        database.execute(write, (f"before the log began anew {number} " * 12 * number, number))
    database.execute("PRAGMA wal_checkpoint(RESTART)")
    database.execute(write, ("a long text " * 90, 2))
    with open(path, "rb") as main, open(path + "-wal", "rb") as log, open(seed, "wb") as out:
        history = main.read()
        out.write(struct.pack("<I", len(history)) + history + log.read())
    database.close()
