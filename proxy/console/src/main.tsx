// The console as a whole: signing in, the frame around the pages, and which page is shown.
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, type Session, type Settings, when_session_ends } from "./api";
import { AuditPage } from "./audit";
import { ExplainPage } from "./explain";
import { FiltersPage } from "./filters";
import { SharePage } from "./share";
import { TokensPage } from "./tokens";
import { Button, Dialog, Field, Loading, Wrong } from "./ui";

/** What every page is given. */
export interface Page {
  session: Session;
  settings: Settings;
  query: URLSearchParams;
  /** Tells what was done, for a moment. */
  say: (text: string) => void;
}

const PAGES = { tokens: ["Shared tokens", TokensPage], filters: ["Filters", FiltersPage], share: ["Share", SharePage], explain: ["Explain", ExplainPage], audit: ["Audit", AuditPage] } as const;
type Name = keyof typeof PAGES;

function read_place(): { name: Name; query: URLSearchParams } {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { name: path in PAGES ? (path as Name) : "tokens", query: new URLSearchParams(query) };
}

type Theme = "system" | "light" | "dark";
const stored_theme = () => (localStorage.getItem("theme") as Theme | null) ?? "system";

function ThemeChoice() {
  const [theme, set_theme] = useState<Theme>(stored_theme);
  useEffect(() => {
    localStorage.setItem("theme", theme);
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return (
    <select class="theme" aria-label="Theme" value={theme} onChange={(event) => set_theme(event.currentTarget.value as Theme)}>
      <option value="system">System theme</option><option value="light">Light</option><option value="dark">Dark</option>
    </select>
  );
}

function SignInForm(props: { onSignedIn: (session: Session, settings: Settings) => void }) {
  const [secret, set_secret] = useState("");
  const [busy, set_busy] = useState(false);
  const [error, set_error] = useState<unknown>(null);
  const sign_in = async () => {
    set_busy(true);
    set_error(null);
    try {
      const { session, settings } = await api.sign_in(secret.trim());
      props.onSignedIn(session!, settings!);
    } catch (wrong) {
      set_error(wrong);
      set_busy(false);
    }
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); void sign_in(); }}>
      <Wrong error={error} title="Not signed in" />
      <Field label="API token" help={<>The first is in the file <span class="code">api-token</span> of Weir's data folder; <span class="code">weir api-token create</span> makes more.</>}>
        {(ids) => <input {...ids} type="password" autocomplete="current-password" required value={secret} onInput={(event) => set_secret(event.currentTarget.value)} />}
      </Field>
      <Button kind="primary" submit busy={busy} disabled={secret.trim() === ""}>Sign in</Button>
    </form>
  );
}

function Mark() {
  return <span class="mark"><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" /><path d="M6 10h20M6 16h9m8 0h3M6 22h20" /></svg>Weir</span>;
}

function SignInPage(props: { onSignedIn: (session: Session, settings: Settings) => void }) {
  return (
    <main class="sign-in">
      <div class="panel">
        <Mark />
        <h1>Sign in</h1>
        <SignInForm onSignedIn={props.onSignedIn} />
      </div>
    </main>
  );
}

/** One question however many requests have met the end of the session; all of them go on after it. */
function useSignInAgain() {
  const [asking, set_asking] = useState(false);
  const waiting = useRef<(() => void)[]>([]);
  useEffect(() => when_session_ends(() => new Promise((resolve) => {
    waiting.current.push(resolve);
    set_asking(true);
  })), []);
  const go_on = () => {
    set_asking(false);
    for (const resolve of waiting.current.splice(0)) resolve();
  };
  return { asking, go_on };
}

function Console(props: { session: Session; settings: Settings; onSession: (session: Session, settings: Settings) => void; onSignedOut: () => void }) {
  const { session, settings } = props;
  const [place, set_place] = useState(read_place);
  const [said, set_said] = useState("");
  const [failed, set_failed] = useState<unknown>(null);
  const { asking, go_on } = useSignInAgain();
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const moved = () => {
      set_place(read_place());
      main.current?.focus();
      window.scrollTo(0, 0);
    };
    window.addEventListener("hashchange", moved);
    return () => window.removeEventListener("hashchange", moved);
  }, []);
  const [title, Shown] = PAGES[place.name];
  useEffect(() => { document.title = `${title} · Weir`; }, [title]);
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => set_said(""), 6000);
    return () => clearTimeout(timer);
  }, [said]);
  const sign_out = async () => {
    try {
      await api.sign_out();
      props.onSignedOut();
    } catch (wrong) {
      set_failed(wrong);
    }
  };
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the page</a>
      <header class="top">
        <Mark />
        <span class="account" title={`API token ${session.apiToken} ${session.name}`}>Account <b>{session.account}</b>{!session.mayWrite && " (read only)"}</span>
        <span class="grow" />
        <ThemeChoice />
        <Button small kind="text" onClick={sign_out}>Sign out</Button>
      </header>
      <div class="frame">
        <nav class="pages-nav" aria-label="Pages">
          {(Object.keys(PAGES) as Name[]).map((name) => <a href={`#/${name}`} aria-current={name === place.name ? "page" : undefined}>{PAGES[name][0]}</a>)}
        </nav>
        <main id="main" tabIndex={-1} ref={main}>
          <Wrong error={failed} />
          <Shown key={`${place.name}?${place.query}`} page={{ session, settings, query: place.query, say: set_said }} />
        </main>
      </div>
      <div class="toast" role="status">{said && <p>✓ {said}</p>}</div>
      {asking && (
        <Dialog title="Your session has ended" onClose={() => { /* it has to be answered, or the page loaded anew */ }}>
          <p>Sign in to go on. What you have typed is kept.</p>
          <SignInForm onSignedIn={(again, with_settings) => {
            if (again.account !== session.account) location.reload();
            props.onSession(again, with_settings);
            go_on();
          }} />
        </Dialog>
      )}
    </>
  );
}

function App() {
  const [signed_in, set_signed_in] = useState<{ session: Session; settings: Settings } | null | undefined>(undefined);
  const [error, set_error] = useState<unknown>(null);
  useEffect(() => {
    api.session().then(({ session, settings }) => set_signed_in(session && settings ? { session, settings } : null), set_error);
  }, []);
  if (error) return <main class="sign-in"><h1>Weir</h1><Wrong error={error} title="Weir does not answer" /><Button onClick={() => location.reload()}>Try again</Button></main>;
  if (signed_in === undefined) return <main class="sign-in"><h1 class="unseen">Weir</h1><Loading what="console" /></main>;
  const take = (session: Session, settings: Settings) => set_signed_in({ session, settings });
  if (signed_in === null) return <SignInPage onSignedIn={take} />;
  return <Console {...signed_in} onSession={take} onSignedOut={() => { location.hash = ""; set_signed_in(null); }} />;
}

document.documentElement.dataset["theme"] = stored_theme();
render(<App />, document.getElementById("app")!);
