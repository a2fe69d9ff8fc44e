"""A part of running/: trainings beside the runs, on fewer rows, under weights or on all rows."""
