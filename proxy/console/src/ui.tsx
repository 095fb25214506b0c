// The parts that pages are made of, with the look of the tools their users know.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { message_of } from "./words";

type Kind = "primary" | "danger" | "plain" | "text";

export function Button(props: {
  children: ComponentChildren;
  onClick?: () => void;
  kind?: Kind;
  small?: boolean;
  busy?: boolean;
  disabled?: boolean;
  submit?: boolean;
  label?: string;
}) {
  const { kind = "plain", small, busy, disabled, submit, label, onClick, children } = props;
  return (
    <button type={submit ? "submit" : "button"} class={`button ${kind}${small ? " small" : ""}`} aria-label={label} aria-busy={busy || undefined}
      disabled={disabled || busy} onClick={onClick}>
      {children}
    </button>
  );
}

export function Badge(props: { tone: "good" | "warn" | "bad" | "calm"; children: ComponentChildren }) {
  return <span class={`badge ${props.tone}`}>{props.children}</span>;
}

export function Callout(props: { tone: "good" | "warn" | "bad" | "calm"; title: string; children?: ComponentChildren; loud?: boolean }) {
  return (
    <div class={`callout ${props.tone}`} role={props.loud ? "alert" : undefined}>
      <p class="callout-title">{props.title}</p>
      {props.children}
    </div>
  );
}

/** What went wrong, said aloud; nothing if nothing did. */
export function Wrong(props: { error: unknown; title?: string }) {
  if (!props.error) return null;
  return <Callout tone="bad" loud title={props.title ?? "That did not work"}><p>{message_of(props.error)}</p></Callout>;
}

export function Field(props: { label: string; help?: ComponentChildren; error?: string | undefined; children: (ids: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ComponentChildren }) {
  const id = useId();
  const described = props.help || props.error ? `${id}-help` : undefined;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({ id, "aria-describedby": described, "aria-invalid": props.error ? true : undefined })}
      {described && <div id={described} class={props.error ? "help wrong" : "help"}>{props.error ?? props.help}</div>}
    </div>
  );
}

/** A window over the page: small for a question, or from the side for a form. Escape and the cross close it, the focus stays in it. */
export function Dialog(props: { title: string; onClose: () => void; side?: boolean; children: ComponentChildren; footer?: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current!.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={dialog} class={props.side ? "flyout" : "modal"} aria-labelledby={title} onCancel={(event) => { event.preventDefault(); props.onClose(); }}>
      <header>
        <h2 id={title} tabIndex={-1}>{props.title}</h2>
        <Button kind="text" label="Close" onClick={props.onClose}>✕</Button>
      </header>
      <div class="dialog-body">{props.children}</div>
      {props.footer && <footer>{props.footer}</footer>}
    </dialog>
  );
}

/** A question before something that cannot be undone. */
export function Confirm(props: { title: string; action: string; danger?: boolean; children: ComponentChildren; onClose: () => void; onConfirm: () => Promise<void>; waiting?: boolean }) {
  const [busy, set_busy] = useState(false);
  const [error, set_error] = useState<unknown>(null);
  const confirm = async () => {
    set_busy(true);
    set_error(null);
    try {
      await props.onConfirm();
    } catch (wrong) {
      set_error(wrong);
      set_busy(false);
    }
  };
  return (
    <Dialog title={props.title} onClose={props.onClose} footer={
      <>
        <Button kind="text" onClick={props.onClose}>Cancel</Button>
        <Button kind={props.danger ? "danger" : "primary"} busy={busy} disabled={props.waiting ?? false} onClick={confirm}>{props.action}</Button>
      </>
    }>
      {props.children}
      <Wrong error={error} />
    </Dialog>
  );
}

export function CopyButton(props: { text: string; label: string; children?: ComponentChildren }) {
  const [copied, set_copied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
    } catch {
      // Without TLS browsers keep their clipboard from pages; the older way still works.
      const area = document.createElement("textarea");
      area.value = props.text;
      (document.querySelector("dialog[open]") ?? document.body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    set_copied(true);
    setTimeout(() => set_copied(false), 2000);
  };
  return (
    <>
      <Button small kind={props.children ? "plain" : "text"} label={props.children ? undefined! : props.label} onClick={copy}>{copied ? "✓ Copied" : (props.children ?? "Copy")}</Button>
      <span class="unseen" role="status">{copied ? `${props.label}: copied` : ""}</span>
    </>
  );
}

export interface MenuItem {
  text: string;
  danger?: boolean;
  choose: () => void;
}

/** A button that opens a list of actions; arrows move in it, Escape closes it. */
export function Menu(props: { label: string; items: MenuItem[] }) {
  const [open, set_open] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = (refocus: boolean) => {
    set_open(false);
    if (refocus) place.current?.querySelector("button")?.focus();
  };
  useEffect(() => {
    if (!open) return undefined;
    list.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const away = (event: Event) => { if (!place.current?.contains(event.target as Node)) set_open(false); };
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const move = (event: KeyboardEvent) => {
    const items = [...list.current!.querySelectorAll<HTMLElement>("[role=menuitem]")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape") close(true);
    else if (event.key === "Tab") close(false);
    else if (to !== undefined) items[(to + items.length) % items.length]?.focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  return (
    <div class="menu" ref={place}>
      <button type="button" class="button text small" aria-haspopup="menu" aria-expanded={open} aria-label={props.label} onClick={() => set_open(!open)}>⋯</button>
      {open && (
        <div role="menu" aria-label={props.label} ref={list} onKeyDown={move}>
          {props.items.map((item) => (
            <button type="button" role="menuitem" tabIndex={-1} class={item.danger ? "danger" : ""} onClick={() => { close(true); item.choose(); }}>{item.text}</button>
          ))}
        </div>
      )}
    </div>
  );
}

export interface Suggestion {
  value: string;
  text?: string;
  detail?: string;
  disabled?: boolean;
}

/** A text field with suggestions from the server, asked for a moment after the last key. Any other text may be typed as well. */
export function Suggest(props: {
  ids: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined };
  value: string;
  onValue: (value: string) => void;
  suggest: (text: string, signal: AbortSignal) => Promise<Suggestion[]>;
  depends?: string;
  placeholder?: string;
}) {
  const [open, set_open] = useState(false);
  const [items, set_items] = useState<Suggestion[] | null>(null);
  const [failed, set_failed] = useState("");
  const [active, set_active] = useState(-1);
  const list = `${props.ids.id}-list`;
  useEffect(() => {
    if (!open) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        set_items(await props.suggest(props.value, stop.signal));
        set_failed("");
      } catch (error) {
        if (!stop.signal.aborted) {
          set_items([]);
          set_failed(message_of(error));
        }
      }
    }, 200);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [open, props.value, props.depends]);
  const choose = (item: Suggestion) => {
    if (item.disabled) return;
    props.onValue(item.value);
    set_open(false);
    set_active(-1);
  };
  const key = (event: KeyboardEvent) => {
    const length = items?.length ?? 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      set_open(true);
      if (length > 0) set_active((active + (event.key === "ArrowDown" ? 1 : active < 0 ? length : length - 1)) % length);
    } else if (event.key === "Enter" && open && active >= 0 && items?.[active]) {
      event.preventDefault();
      choose(items[active]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      set_open(false);
    }
  };
  return (
    <div class="suggest">
      <input {...props.ids} type="text" role="combobox" autocomplete="off" spellcheck={false} aria-autocomplete="list" aria-expanded={open} aria-controls={list}
        aria-activedescendant={open && active >= 0 ? `${list}-${active}` : undefined} placeholder={props.placeholder} value={props.value}
        onFocus={() => set_open(true)} onClick={() => set_open(true)} onBlur={() => set_open(false)} onKeyDown={key}
        onInput={(event) => { set_active(-1); set_open(true); props.onValue(event.currentTarget.value); }} />
      <div id={list} role="listbox" aria-label="Suggestions" hidden={!open}>
        {open && items?.map((item, at) => (
          <div role="option" id={`${list}-${at}`} aria-selected={at === active} aria-disabled={item.disabled || undefined}
            class={item.disabled ? "disabled" : ""} onPointerDown={(event) => { event.preventDefault(); choose(item); }}>
            <span>{item.text ?? item.value}</span>{item.detail && <small>{item.detail}</small>}
          </div>
        ))}
        {open && items?.length === 0 && <div role="option" aria-selected={false} aria-disabled class="disabled"><span>{failed || "Nothing found"}</span></div>}
        {open && items === null && <div role="option" aria-selected={false} aria-disabled class="disabled"><span>Looking…</span></div>}
      </div>
    </div>
  );
}

export function Loading(props: { what: string }) {
  return <p class="loading" role="status"><span class="spinner" aria-hidden="true" />Loading {props.what}…</p>;
}

export function Empty(props: { title: string; children?: ComponentChildren }) {
  return <div class="empty"><p class="empty-title">{props.title}</p>{props.children}</div>;
}

/** Something that is fetched; fetched again by calling `again`. What was there stays until the new is. */
export function useFetched<T>(fetch: () => Promise<T>, depends: unknown[] = []) {
  const [value, set_value] = useState<T | null>(null);
  const [error, set_error] = useState<unknown>(null);
  const turn = useRef(0);
  const again = async () => {
    const mine = ++turn.current;
    try {
      const got = await fetch();
      if (mine !== turn.current) return;
      set_value(() => got);
      set_error(null);
    } catch (wrong) {
      if (mine === turn.current) set_error(wrong);
    }
  };
  useEffect(() => { void again(); }, depends);
  return { value, error, again };
}

/** Which part of a list is shown, and the buttons to the others. */
export function usePages<T>(all: T[], depends: unknown[]) {
  const [page, set_page] = useState(0);
  const [size, set_size] = useState(25);
  useEffect(() => set_page(0), depends);
  const pages = Math.max(1, Math.ceil(all.length / size));
  const at = Math.min(page, pages - 1);
  const id = useId();
  const controls = all.length > 10 && (
    <nav class="pages" aria-label="Pages">
      <label for={id}>Rows per page</label>
      <select id={id} value={size} onChange={(event) => { set_size(Number(event.currentTarget.value)); set_page(0); }}>
        {[10, 25, 100].map((number) => <option value={number}>{number}</option>)}
      </select>
      <span class="grow" />
      <Button small kind="text" disabled={at === 0} onClick={() => set_page(at - 1)}>‹ Previous</Button>
      <span aria-current="page">Page {at + 1} of {pages}</span>
      <Button small kind="text" disabled={at + 1 >= pages} onClick={() => set_page(at + 1)}>Next ›</Button>
    </nav>
  );
  return { shown: all.slice(at * size, (at + 1) * size), controls };
}

/** A column's head that sorts by it. */
export function SortHead<Key extends string>(props: { name: Key; sort: { by: Key; down: boolean }; onSort: (sort: { by: Key; down: boolean }) => void; children: ComponentChildren; right?: boolean }) {
  const mine = props.sort.by === props.name;
  return (
    <th scope="col" class={props.right ? "right" : ""} aria-sort={mine ? (props.sort.down ? "descending" : "ascending") : "none"}>
      <button type="button" class="sort" onClick={() => props.onSort({ by: props.name, down: mine ? !props.sort.down : false })}>
        {props.children}<span aria-hidden="true">{mine ? (props.sort.down ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}
