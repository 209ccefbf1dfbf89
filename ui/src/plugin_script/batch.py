def process_batch(rows):
    """Called for each batch. A column is a list with an item for each record."""
    lengths = [len(body or "") for body in rows["body"]]
    rows["attributes.body.length"] = lengths
