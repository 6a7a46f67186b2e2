/** The field page: drawn by the device alone, it speaks to the server only when there is a link. */

import "./styles/field.css";
import * as host from "./field/host";
import { tidy } from "./field/making";
import { button, element, setting, tell, word } from "./field/page";
import * as screens from "./field/screens";
import { call, KeyEnded, Sending } from "./field/sending";
import * as store from "./field/store";
import type { Point, Registration } from "./field/types";

const EVERY = 60_000;
const TABS = ["points", "map", "queue", "device"] as const;

interface Hello {
  user: { id: string; name: string };
  city: { division: string; name: string } | null;
  counties: Registration["counties"];
  expires_on: string;
  may_sample: boolean;
  csrf: string;
}

class FieldPage {
  private readonly body = element("main", { className: "field-body", tabIndex: -1 });
  private readonly link = element("span", { className: "field-link", role: "status" });
  private readonly count = element("span", { className: "field-count" });
  private registration: Registration | undefined;
  private sending: Sending | undefined;
  private installPrompt: (Event & { prompt(): Promise<void> }) | null = null;

  constructor(private readonly root: HTMLElement) {}

  async start(): Promise<void> {
    this.registration = await store.fact<Registration>("registration");
    this.useKey();
    this.frame();
    window.addEventListener("hashchange", () => void this.draw());
    window.addEventListener("online", () => this.linkChanged());
    window.addEventListener("offline", () => this.linkChanged());
    window.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.installPrompt = event as FieldPage["installPrompt"];
      void this.draw();
    });
    await tidy();
    await this.draw();
    this.linkChanged();
    setInterval(() => void this.send(true), EVERY);
    void navigator.storage?.persist?.();
    await host.install(setting.urls.worker, setting.urls.shell, (go) => this.offerUpdate(go));
  }

  // -- frame -------------------------------------------------------------------------------------------

  private frame(): void {
    const tabs = TABS.map((name) => {
      const tab = element("a", { href: `#${name}` }, element("span", { textContent: word(name) }));
      if (name === "queue") tab.append(this.count);
      tab.dataset["tab"] = name;
      return tab;
    });
    this.root.replaceChildren(
      element("header", { className: "field-head" }, element("h1", { textContent: word("app_name") }), this.link),
      this.body,
      element("nav", { className: "field-tabs" }, ...tabs),
    );
  }

  private linkChanged(): void {
    this.link.textContent = word(navigator.onLine ? "online" : "offline");
    this.link.classList.toggle("is-offline", !navigator.onLine);
    if (navigator.onLine) void this.send(true);
  }

  private offerUpdate(go: () => void): void {
    const bar = element("div", { className: "field-notice" }, element("p", { textContent: word("update") }), button(word("reload"), go, "is-small"));
    this.body.before(bar);
  }

  // -- screens -----------------------------------------------------------------------------------------

  private readonly around: screens.Around = {
    registration: () => this.registration,
    go: (where) => {
      if (location.hash === `#${where}`) void this.draw();
      else location.hash = where;
    },
    redraw: () => {
      this.frame();
      this.linkChanged();
      void this.draw();
    },
    send: (asked) => this.send(!asked),
    register: () => this.register(),
    download: (division, town, told) => this.download(division, town, told),
  };

  private async screen(name: string, rest: string): Promise<HTMLElement> {
    switch (name) {
      case "map": return screens.mapScreen(this.around);
      case "queue": return screens.queueScreen(this.around);
      case "device": return screens.deviceScreen(this.around);
      case "point": return screens.pointScreen(rest, this.around);
      case "found": return screens.foundScreen(rest, this.around);
      case "form": return screens.formScreen(rest, this.around);
      default: return screens.pointsScreen(this.around);
    }
  }

  private async draw(): Promise<void> {
    const [name = "points", rest = ""] = location.hash.slice(1).split("/");
    const shown = await this.screen(name, rest);
    const tab = name === "map" || name === "queue" || name === "device" ? name : name === "form" ? "queue" : "points";
    for (const one of this.root.querySelectorAll<HTMLElement>("[data-tab]")) {
      if (one.dataset["tab"] === tab) one.setAttribute("aria-current", "page");
      else one.removeAttribute("aria-current");
    }
    const install = this.installPrompt && name === "device" ? button(word("install"), () => void this.installPrompt?.prompt()) : null;
    this.body.replaceChildren(shown, ...(install ? [install] : []));
    this.body.scrollTop = 0;
    await this.showCount();
  }

  private async showCount(): Promise<void> {
    const open = (await store.forms()).filter((kept) => !["sent", "set_aside"].includes(kept.state) && !kept.parent).length;
    this.count.textContent = open ? String(open) : "";
  }

  // -- the server --------------------------------------------------------------------------------------

  private useKey(): void {
    const changed = (): void => {
      if (["#queue", "#queue/"].includes(location.hash)) void this.draw();
      else void this.showCount();
    };
    this.sending = this.registration && new Sending(setting, this.registration, changed);
  }

  /** Send what waits; `quiet` where nobody asked for it. */
  private async send(quiet: boolean): Promise<void> {
    if (quiet && !navigator.onLine) return;
    if (!this.sending) {
      if (!quiet) this.around.go("device");
      return;
    }
    try {
      const count = await this.sending.run();
      if (count) tell(word("sent_count", { n: count }), "good");
    } catch (error) {
      if (error instanceof KeyEnded) await this.keyEnded();
      else if (!quiet) tell(word("link_broken"), "bad");
    }
    await this.showCount();
  }

  private async keyEnded(): Promise<void> {
    this.registration = undefined;
    await store.setFact("registration", undefined);
    this.useKey();
    tell(word("key_ended"), "bad");
    this.around.go("device");
  }

  private async register(): Promise<void> {
    try {
      const hello = (await call(setting.urls.hello, {})) as Hello;
      const other = (await store.forms()).find((kept) => kept.user && kept.user !== hello.user.id && !["sent", "set_aside"].includes(kept.state));
      if (other) {
        tell(word("other_user", { user: (await store.fact<string>("user")) ?? "" }), "bad");
        return;
      }
      const made = (await call(setting.urls.device, {
        method: "POST",
        body: JSON.stringify({ name: host.deviceName() }),
        headers: { "Content-Type": "application/json", "X-CSRFToken": hello.csrf },
      })) as { key: string; device: string; expires_on: string };
      await this.keep({ ...hello, ...made });
    } catch (error) {
      if (error instanceof KeyEnded) location.href = setting.urls.sign_in;
      else tell(word("link_broken"), "bad");
    }
  }

  private async keep({ key, device, expires_on, user, city, counties, may_sample }: Registration): Promise<void> {
    this.registration = { key, device, expires_on, user, city, counties, may_sample };
    await store.setFact("registration", this.registration);
    await store.setFact("user", user.name);
    const nameless = (await store.forms()).filter((kept) => !kept.user);
    if (nameless.length) await store.saveForms(...nameless.map((kept) => ({ ...kept, user: user.id })));
    this.useKey();
    await this.draw();
    void this.send(true);
  }

  private async download(division: string, town: string, told: (count: number) => void): Promise<void> {
    if (!this.registration) return;
    const points: Point[] = [];
    let after = "";
    do {
      const asked = new URLSearchParams({ division, town, after });
      const part = (await call(`${setting.urls.points}?${asked.toString()}`, {}, this.registration.key)) as {
        points: Point[]; cursor: string; limit: number; server_now: number;
      };
      points.push(...part.points);
      after = part.cursor;
      told(points.length);
      if (points.length > part.limit || (after && points.length >= part.limit)) throw new Error(word("too_many", { n: part.limit }));
      await store.setFact("contact", part.server_now);
    } while (after);
    await store.replacePoints(points);
    await store.setFact("county", division);
    await store.setFact("downloaded", { count: points.length, at: Date.now() });
  }
}

/** An app's own browser cannot install the page and may forget everything: the way out is said instead. */
function openElsewhere(root: HTMLElement, app: string): void {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(location.href);
    tell(word("copied"), "good");
  };
  const parts = [element("h1", { textContent: word("in_app_title") }), element("p", { textContent: word("in_app", { app }) }),
    element("p", { className: "field-address", textContent: location.href })];
  if (navigator.clipboard) parts.push(button(word("copy"), () => void copy(), "is-main") as never);
  root.replaceChildren(element("main", { className: "field-stop" }, ...parts));
}

function cannot(root: HTMLElement, why: "insecure" | "too_old"): void {
  const title = why === "insecure" ? element("h1", { textContent: word("insecure_title") }) : null;
  root.replaceChildren(element("main", { className: "field-stop" }, title, element("p", { textContent: word(why) })));
}

const root = document.getElementById("field");
if (root) {
  const app = host.appAround();
  const why = host.obstacle();
  if (app) openElsewhere(root, app);
  else if (why) cannot(root, why);
  else void new FieldPage(root).start().catch((error: unknown) => tell(word("no_storage", { fault: String(error) }), "bad"));
}
