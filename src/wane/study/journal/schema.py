"""The tables of a study's journal."""

SCHEMA = """
CREATE TABLE run (
    candidate INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    diverged INTEGER,            -- the epoch, or NULL
    numbers TEXT NOT NULL,       -- JSON: final numbers by column name
    curves BLOB NOT NULL,        -- float32 [epochs, columns]
    weights BLOB NOT NULL,       -- every variable's bytes, one after the other
    norms BLOB NOT NULL,         -- float32 [epochs for which they were taken, norms]
    PRIMARY KEY (candidate, repeat)
) STRICT;
CREATE TABLE prediction (        -- final outputs, of runs that did not diverge
    candidate INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    part TEXT NOT NULL,          -- validation or test
    output INTEGER NOT NULL,     -- of a model with several, in JAX's order of a tree's leaves
    shape TEXT NOT NULL,         -- JSON: [rows, …]
    outputs BLOB NOT NULL,       -- float32
    PRIMARY KEY (candidate, repeat, part, output)
) STRICT;
CREATE TABLE size (              -- runs of the baseline with some of the training rows
    rows INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    numbers TEXT NOT NULL,       -- JSON: final numbers by column name
    PRIMARY KEY (rows, repeat)
) STRICT;
CREATE TABLE look (              -- evaluations of the study
    number INTEGER PRIMARY KEY,
    summary TEXT NOT NULL        -- JSON
) STRICT;
CREATE TABLE addition (          -- candidates that came after those of the beginning
    number INTEGER PRIMARY KEY,  -- of the step, from 0
    step TEXT NOT NULL,          -- extended, refined or given
    candidates TEXT NOT NULL     -- JSON: a list of changes for each
) STRICT;
CREATE TABLE work (              -- training of the study so far, one row for each start
    seconds REAL NOT NULL
) STRICT;
CREATE TABLE retraining (        -- runs under random weights of the rows
    candidate INTEGER NOT NULL,
    number INTEGER NOT NULL,
    repeats INTEGER NOT NULL,    -- of the study then, which say which split a number has
    value REAL,                  -- weighted validation mean of what is chosen by; NULL if diverged
    PRIMARY KEY (candidate, number, repeats)
) STRICT;
CREATE TABLE checkpoint (        -- runs that have not ended, as they were between two calls
    candidate INTEGER NOT NULL,
    repeat INTEGER NOT NULL,
    epoch INTEGER NOT NULL,      -- the epochs that it has trained
    stopped INTEGER NOT NULL,    -- whether a callback has stopped it
    columns INTEGER NOT NULL,    -- of its curves
    curves BLOB NOT NULL,        -- float32 [epochs, columns]
    state BLOB NOT NULL,         -- every array's bytes, one after the other
    PRIMARY KEY (candidate, repeat)
) STRICT;
"""
SCHEMA_VERSION = 7
"""The version of these tables, which a journal has in its file."""
