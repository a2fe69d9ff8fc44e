"""Numbers of finished runs: tables, scores and what each row contributes."""
