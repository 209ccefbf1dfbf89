/** Called for each record. What it sets is stored; DROP drops the record. */
function process(record) {
  if ((record.body ?? "").includes("GET /healthz")) return DROP;
  record.attributes["body.length"] = (record.body ?? "").length;
}
