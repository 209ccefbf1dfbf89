// The editor of SQL.
import { completeFromList, ifNotIn, snippetCompletion } from "@codemirror/autocomplete";
import { SQLDialect, sql } from "@codemirror/lang-sql";
import { mount as mountEditor } from "./editor/core.mjs";

const NOT_IN = ["String", "LineComment", "BlockComment", "QuotedIdentifier"];

// What DataFusion reads in a query.
const DIALECT = SQLDialect.define({
  keywords:
    "all and any array as asc between by case cast cross current date day desc describe distinct else end escape except exists explain extract fetch filter first following from full group grouping having hour ilike in inner intersect interval into is join last lateral left like limit minute month natural not null nulls of offset on or order outer over partition preceding range recursive right row rows second select semi anti sets show similar substring table tables then timestamp to trim try_cast unbounded union unnest using values when where window with within within year",
  types: "bigint binary boolean char date decimal double float int integer interval numeric real smallint string text time timestamp tinyint unsigned varchar",
  builtin: "",
  doubleQuotedStrings: false,
  identifierQuotes: '"',
  operatorChars: "*+-%<>!=&|^~/",
  specialVar: "$",
});

// A name as the query needs to have it written.
const quoted = (name) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

// Columns of the tables that the query names, of all tables while it names none; and functions.
function ownCompletion({ tables, functions, phrases }) {
  const options = functions.map(({ name, detail }) =>
    snippetCompletion(`${name}(\${})`, { label: name, detail, type: "function", boost: -1 }),
  );
  const ofFunctions = completeFromList(options);
  const written = phrases.map(({ name, text, detail }) => ({ label: name, apply: text, detail, type: "property", boost: -2 }));
  return ifNotIn(NOT_IN, (context) => {
    const word = context.matchBefore(/[\w"]*/);
    const before = context.state.sliceDoc(Math.max(0, word.from - 1), word.from);
    // After a point the schema's own source knows what may follow.
    if (before === "." || (word.from === word.to && !context.explicit)) return null;
    const text = context.state.doc.toString().toLowerCase();
    const named = tables.filter(({ name }) => new RegExp(`\\b(from|join)\\s+"?${name.replace(/[^\w]/g, "\\$&")}\\b`).test(text));
    const seen = new Map();
    for (const { name: table, columns } of named.length ? named : tables) {
      for (const [name, type] of columns) {
        const known = seen.get(name);
        if (known) known.tables.push(table);
        else seen.set(name, { name, type, tables: [table] });
      }
    }
    const columns = [...seen.values()].map(({ name, type, tables: of }) => ({
      label: name,
      apply: quoted(name),
      type: "property",
      detail: named.length === 1 ? type : `${type} · ${of.length > 2 ? of.length : of.join(", ")}`,
      boost: named.length ? 20 : 0,
    }));
    return { from: word.from, options: [...columns, ...written, ...(ofFunctions(context)?.options ?? [])], validFor: /^[\w"]*$/ };
  });
}

const LANGUAGES = {
  sql(schema) {
    const namespace = Object.fromEntries(
      schema.tables.map(({ name, columns }) => [
        name,
        columns.map(([column, type]) => ({ label: column, apply: quoted(column), detail: type, type: "property" })),
      ]),
    );
    const support = sql({ dialect: DIALECT, schema: namespace });
    return [support, DIALECT.language.data.of({ autocomplete: ownCompletion(schema) })];
  },
};

// See `mount` in editor/core.mjs.
export const mount = (host, options, callbacks) => mountEditor(host, options, callbacks, LANGUAGES);
