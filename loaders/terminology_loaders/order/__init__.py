"""Order files and what is published beside them: the releases of ICD-10-CM and ICD-10-PCS."""
