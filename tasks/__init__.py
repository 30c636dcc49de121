"""The pipeline's steps: one Prefect task a file here, the knowledge in the folders beneath."""
