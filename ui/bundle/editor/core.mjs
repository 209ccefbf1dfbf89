// What all code editors share: CodeMirror in a shadow root, where its style sheets are adopted instead of
// injected, as the page's policy demands. Colours and faces are the page's custom properties, which reach into
// the shadow root.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { EditorView, crosshairCursor, drawSelection, dropCursor, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, placeholder, rectangularSelection } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const THEME = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "transparent", height: "100%", fontSize: "var(--text-sm)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "var(--lh-code)", overflow: "auto", scrollbarWidth: "thin", scrollbarColor: "var(--border-strong) transparent" },
  ".cm-content": { caretColor: "var(--text)", padding: "var(--space-2) 0" },
  ".cm-line": { padding: "0 var(--space-3) 0 var(--space-2)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--code-dim)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 var(--space-1) 0 var(--space-2)", minWidth: "28px" },
  ".cm-gutter-lint": { width: "12px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "0 0 0 var(--space-half)", display: "flex", alignItems: "center" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-line)" },
  "&.cm-focused .cm-matchingBracket, .cm-matchingBracket": { backgroundColor: "var(--surface-3)", outline: "var(--hairline) solid var(--border-control)" },
  "&.cm-focused .cm-nonmatchingBracket, .cm-nonmatchingBracket": { backgroundColor: "var(--bad-soft)", color: "var(--bad)" },
  ".cm-selectionMatch": { backgroundColor: "var(--surface-3)" },
  ".cm-searchMatch, .cm-searchMatch-selected": { backgroundColor: "var(--mark)", color: "var(--mark-text)" },
  ".cm-searchMatch-selected": { outline: "var(--hairline) solid var(--focus)" },
  ".cm-placeholder": { color: "var(--text-3)" },
  ".cm-specialChar": { color: "var(--bad)" },
  // errors in place
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)", textDecorationSkipInk: "none", textUnderlineOffset: "3px" },
  ".cm-lintPoint-error:after": { borderBottomColor: "var(--bad)" },
  ".cm-lint-marker": { width: "9px", height: "9px" },
  ".cm-lint-marker-error": { content: "normal", backgroundColor: "var(--bad)", borderRadius: "1px" },
  ".cm-diagnostic": { padding: "var(--space-1) var(--space-2)", fontFamily: "var(--font-ui)", fontSize: "var(--text-xs)", whiteSpace: "pre-wrap", maxWidth: "56ch" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--bad)" },
  // completion, as the menus of the page
  ".cm-tooltip": { backgroundColor: "var(--surface-2)", color: "var(--text)", border: "var(--hairline) solid var(--border-strong)", borderRadius: "var(--radius-md)", boxShadow: "var(--shadow-3)", zIndex: "var(--z-popover)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "var(--text-sm)", maxHeight: "236px", minWidth: "240px", padding: "var(--space-1)", scrollbarWidth: "thin" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { display: "flex", gap: "var(--space-3)", alignItems: "center", padding: "0 var(--space-2)", minHeight: "24px", borderRadius: "var(--radius-sm)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--surface-3)", color: "var(--text)" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)", fontWeight: "var(--weight-bold)" },
  ".cm-completionDetail": { marginLeft: "auto", fontStyle: "normal", fontFamily: "var(--font-ui)", fontSize: "var(--text-xs)", color: "var(--text-2)" },
  ".cm-tooltip.cm-completionInfo": { padding: "var(--space-2)", fontFamily: "var(--font-ui)", fontSize: "var(--text-xs)", maxWidth: "320px", margin: "0 var(--space-1)" },
  ".cm-snippetField": { backgroundColor: "var(--surface-3)" },
  // search and go to line
  ".cm-panels": { backgroundColor: "var(--surface-1)", color: "var(--text)", fontFamily: "var(--font-ui)", fontSize: "var(--text-xs)" },
  ".cm-panels.cm-panels-top": { borderBottom: "var(--hairline) solid var(--border)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "var(--hairline) solid var(--border)" },
  ".cm-textfield": { backgroundColor: "var(--surface-inset)", color: "var(--text)", border: "var(--hairline) solid var(--border-control)", borderRadius: "var(--radius-sm)", fontSize: "var(--text-xs)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface-2)", color: "var(--text)", border: "var(--hairline) solid var(--border-strong)", borderRadius: "var(--radius-sm)", fontSize: "var(--text-xs)" },
  ".cm-button:active": { backgroundImage: "none", backgroundColor: "var(--surface-3)" },
  ".cm-panel button[name=close]": { color: "var(--text-2)", fontSize: "var(--text-lg)" },
  ".cm-panel.cm-search": { whiteSpace: "normal", padding: "var(--space-1) var(--space-5) var(--space-1) var(--space-2)" },
  ".cm-panel.cm-search label": { fontSize: "inherit", whiteSpace: "nowrap" },
  ".cm-panel.cm-search input[type=checkbox]": { accentColor: "var(--accent-fill)", verticalAlign: "middle" },
  ".cm-panels :focus-visible": { outline: "2px solid var(--focus)" },
});

const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.comment], color: "var(--code-dim)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

// Typing over a selection, done here and not by the browser: Chromium would keep the look of what goes in
// `style` attributes, which the page's policy refuses.
const TYPE_OVER = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { readOnly, selection } = view.state;
    if (event.inputType !== "insertText" || !event.data || event.isComposing || readOnly || selection.main.empty) return false;
    const { from, to } = selection.main;
    const typed = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    const taken = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, typed));
    if (!taken) view.dispatch(typed());
    event.preventDefault();
    return true;
  },
});

class Editor {
  constructor(host, options, callbacks, languages) {
    this.callbacks = callbacks;
    this.languages = languages;
    this.language = new Compartment();
    this.access = new Compartment();
    this.name = options.language;
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({ doc: options.value, extensions: this.extensions(options) }),
    });
  }

  extensions({ label, hint, phrases, schema, readOnly }) {
    const run = () => {
      this.callbacks.run();
      return true;
    };
    // Kept from the page, whose Escape would take the focus away; Tab then leaves the editor.
    const release = (view) => {
      view.setTabFocusMode(2000);
      return true;
    };
    return [
      Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
      EditorState.phrases.of(phrases),
      lineNumbers(),
      lintGutter(),
      highlightActiveLineGutter(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      dropCursor(),
      rectangularSelection(),
      crosshairCursor(),
      EditorState.allowMultipleSelections.of(true),
      indentUnit.of("  "),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      highlightSelectionMatches(),
      search({ top: true }),
      autocompletion({ icons: false, activateOnTypingDelay: 60 }),
      syntaxHighlighting(HIGHLIGHT),
      THEME,
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
      Prec.lowest(keymap.of([{ key: "Escape", run: release }])),
      placeholder(hint),
      TYPE_OVER,
      EditorView.contentAttributes.of({ "aria-label": label, autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
      this.access.of(EditorState.readOnly.of(readOnly)),
      this.language.of(this.languages[this.name](schema)),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) this.callbacks.change(update.state.doc.toString());
      }),
    ];
  }

  setValue(value) {
    const { doc } = this.view.state;
    if (doc.toString() !== value) this.view.dispatch({ changes: { from: 0, to: doc.length, insert: value } });
  }

  setSchema(schema) {
    this.view.dispatch({ effects: this.language.reconfigure(this.languages[this.name](JSON.parse(schema))) });
  }

  setReadOnly(readOnly) {
    this.view.dispatch({ effects: this.access.reconfigure(EditorState.readOnly.of(readOnly)) });
  }

  // Errors with places in UTF-16 units, as JSON.
  setErrors(errors) {
    const { length } = this.view.state.doc;
    const diagnostics = JSON.parse(errors).map(({ from, to, message }) => ({
      from: Math.min(from, length),
      to: Math.min(to, length),
      message,
      severity: "error",
    }));
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  // Puts the cursor at a place and shows it.
  goTo(place) {
    const anchor = Math.min(place, this.view.state.doc.length);
    this.view.dispatch({ selection: { anchor }, scrollIntoView: true });
    this.view.focus();
  }

  // Puts a text in the place of the selection.
  insert(text) {
    this.view.dispatch(this.view.state.replaceSelection(text));
    this.view.focus();
  }

  focus() {
    this.view.focus();
  }

  unmount() {
    this.callbacks = { change() {}, run() {} };
    this.view.destroy();
  }
}

// An editor in the shadow root of `host`. `options` is JSON: value, language, label, hint,
// phrases, schema, readOnly. `callbacks.change(value)` follows the text, `callbacks.run()` is
// Ctrl or Cmd and Enter. `languages` makes extensions of a schema, by name.
export function mount(host, options, callbacks, languages) {
  return new Editor(host, JSON.parse(options), callbacks, languages);
}
