"""Studies as estimators of scikit-learn: fitted, tuned by a study, and used in pipelines."""
