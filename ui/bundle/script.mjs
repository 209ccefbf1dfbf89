// The editor of scripts and of JSON: an error is also said at the end of its line.
import { javascript, javascriptLanguage } from "@codemirror/lang-javascript";
import { python } from "@codemirror/lang-python";
import { LanguageSupport, foldGutter, foldKeymap, indentUnit } from "@codemirror/language";
import { forEachDiagnostic, setDiagnosticsEffect } from "@codemirror/lint";
import { Prec, RangeSetBuilder, StateField } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, keymap } from "@codemirror/view";
import { mount as mountEditor } from "./editor/core.mjs";

class Message extends WidgetType {
  constructor(text) {
    super();
    this.text = text;
  }

  eq(other) {
    return other.text === this.text;
  }

  toDOM() {
    const element = document.createElement("span");
    element.className = "cm-said";
    element.textContent = this.text;
    // The list below the editor says it to a screen reader.
    element.setAttribute("aria-hidden", "true");
    return element;
  }
}

const LINE = Decoration.line({ class: "cm-failed-line" });

function marks(state) {
  const lines = new Map();
  forEachDiagnostic(state, ({ message }, from) => {
    const line = state.doc.lineAt(from);
    if (!lines.has(line.from)) lines.set(line.from, { line, message });
  });
  const builder = new RangeSetBuilder();
  for (const [, { line, message }] of [...lines].sort(([a], [b]) => a - b)) {
    builder.add(line.from, line.from, LINE);
    builder.add(line.to, line.to, Decoration.widget({ widget: new Message(message.split("\n")[0]), side: 1 }));
  }
  return builder.finish();
}

// Follows the diagnostics, which are set from outside.
const SAID = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    const set = transaction.effects.some((effect) => effect.is(setDiagnosticsEffect));
    return set ? marks(transaction.state) : value.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const THEME = EditorView.theme({
  ".cm-failed-line": { backgroundColor: "var(--bad-soft)" },
  ".cm-said": { marginLeft: "var(--space-4)", color: "var(--bad)", fontFamily: "var(--font-ui)", fontSize: "var(--text-xs)", whiteSpace: "nowrap" },
  ".cm-foldGutter .cm-gutterElement": { padding: "0 var(--space-half)", color: "var(--text-3)", cursor: "pointer" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--surface-3)", border: "0", color: "var(--text-2)", padding: "0 var(--space-1)" },
});

const JSON_LANGUAGE = javascriptLanguage.configure({ top: "SingleExpression" }, "json");
const SHARED = [SAID, THEME, foldGutter(), keymap.of(foldKeymap)];
const LANGUAGES = {
  // Four spaces, as PEP 8 has it.
  python: () => [python(), Prec.high(indentUnit.of("    ")), SHARED],
  javascript: () => [javascript(), SHARED],
  json: () => [new LanguageSupport(JSON_LANGUAGE), SHARED],
};

// See `mount` in editor/core.mjs.
export const mount = (host, options, callbacks) => mountEditor(host, options, callbacks, LANGUAGES);
