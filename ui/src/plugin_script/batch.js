/** Called for each batch. A column is an array with an item for each record. */
function processBatch(rows) {
  const lengths = rows.list("body").map((body) => (body ?? "").length);
  rows.set("attributes.body.length", lengths);
}
