/** The review of a read plan: the document and what was read from it, linked line by line both ways. */

import "./styles/review.css";
import htmx from "htmx.org";
import { make } from "./labels";

const root = document.querySelector<HTMLElement>("[data-review]");

/** Lines that are chosen, from the anchor to the one reached last. */
interface Span {
  first: number;
  last: number;
}

class Review {
  private chosen: Span | null = null;
  private anchor = 0;
  /** A record to show as soon as its list has been loaded. */
  private awaited = "";
  private linked: HTMLElement[] = [];

  constructor(private readonly box: HTMLElement) {
    document.addEventListener("click", (event) => this.click(event));
    box.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("htmx:after:swap", () => this.renew());
    this.goToAddress();
  }

  private get list(): HTMLElement | null {
    return this.box.querySelector<HTMLElement>("[data-lines]");
  }

  private line(number: number): HTMLElement | null {
    return document.getElementById(`line-${number}`);
  }

  // -- events ------------------------------------------------------------------------------------------

  private click(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const go = target.closest<HTMLElement>("[data-go]");
    const step = target.closest<HTMLElement>("[data-step]");
    const view = target.closest<HTMLElement>("[data-view]");
    const edit = target.closest<HTMLAnchorElement>("[data-edit]");
    const link = target.closest<HTMLElement>("[data-link]");
    const line = target.closest<HTMLElement>("[data-line]");
    if (go) this.showLines({ first: Number(go.dataset["go"]), last: Number(go.dataset["to"] ?? go.dataset["go"]) });
    else if (step) this.step(Number(step.dataset["step"]));
    else if (view) this.turn(view.dataset["view"] ?? "records");
    else if (edit && !event.ctrlKey && !event.metaKey) this.edit(edit, event);
    else if (link) this.showRecord(link.dataset["link"] ?? "");
    else if (line) this.choose(Number(line.dataset["line"]), event.shiftKey);
  }

  /** The form takes the field's place; the link alone would open it on a page of its own. */
  private edit(link: HTMLAnchorElement, event: Event): void {
    const field = link.closest<HTMLElement>(".review-field");
    if (!field) return;
    event.preventDefault();
    void htmx.ajax("GET", link.href, { target: field, swap: "outerHTML" });
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.list || !this.list) return;
    const last = this.list.childElementCount;
    const at = this.chosen ? (this.anchor === this.chosen.first ? this.chosen.last : this.chosen.first) : 0;
    const wanted: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 1, End: last, PageDown: at + 15, PageUp: at - 15 };
    const next = wanted[event.key];
    if (next !== undefined) {
      event.preventDefault();
      this.choose(Math.min(Math.max(next, 1), last), event.shiftKey, false);
      this.line(Math.min(Math.max(next, 1), last))?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && this.chosen) {
      this.showRecords(true);
    }
  }

  /** After a list or the document was drawn anew, what is chosen is marked again. */
  private renew(): void {
    const form = this.box.querySelector<HTMLElement>("[data-editing]:not([data-ready])");
    if (form) {
      form.dataset["ready"] = "yes";
      form.querySelector<HTMLElement>('[name="value"]')?.focus();
    }
    this.countOpen();
    if (this.chosen) this.mark(this.chosen);
    if (this.awaited) {
      const path = this.awaited;
      this.awaited = "";
      this.showRecord(path, false);
    } else this.markRecords();
    if (!this.chosen) this.goToAddress();
  }

  private goToAddress(): void {
    const found = /^#line-(\d+)$/.exec(location.hash);
    if (found && this.list) this.showLines({ first: Number(found[1]), last: Number(found[1]) });
  }

  // -- the document ------------------------------------------------------------------------------------

  private choose(number: number, extend: boolean, follow = true): void {
    if (!extend || !this.anchor) this.anchor = number;
    this.chosen = { first: Math.min(this.anchor, number), last: Math.max(this.anchor, number) };
    this.mark(this.chosen);
    this.list?.setAttribute("aria-activedescendant", `line-${number}`);
    this.showRecords(follow && !extend && !this.isPhone());
  }

  private showLines(span: Span): void {
    this.turn("document");
    this.anchor = span.first;
    this.chosen = span;
    this.mark(span);
    this.showRecords(false);
    this.line(span.first)?.scrollIntoView({ block: "center" });
    this.list?.setAttribute("aria-activedescendant", `line-${span.first}`);
    if (document.activeElement?.closest("[data-go], [data-step]")) this.list?.focus({ preventScroll: true });
  }

  private mark(span: Span): void {
    for (const line of this.box.querySelectorAll<HTMLElement>("[data-line]")) {
      const number = Number(line.dataset["line"]);
      const chosen = number >= span.first && number <= span.last;
      if (line.ariaSelected !== String(chosen)) line.ariaSelected = String(chosen);
    }
    this.tell(span);
  }

  /** Below the document: which lines are chosen, what they became, and what can be done with them. */
  private tell(span: Span): void {
    const foot = this.box.querySelector<HTMLElement>("[data-chosen]");
    const text = foot?.querySelector<HTMLElement>("[data-chosen-lines]");
    const links = foot?.querySelector<HTMLElement>("[data-chosen-links]");
    if (!foot || !text || !links) return;
    foot.hidden = false;
    const wording = (span.first === span.last ? text.dataset["one"] : text.dataset["many"]) ?? "";
    text.textContent = wording.replace("{a}", String(span.first)).replace("{b}", String(span.last));
    links.replaceChildren(...this.links(span));
    const add = foot.querySelector<HTMLAnchorElement>("[data-add]");
    if (add) add.search = new URLSearchParams({ kind: this.kind(), from: String(span.first), to: String(span.last) }).toString();
    const check = foot.querySelector<HTMLFormElement>("[data-check-line]");
    if (check) {
      check.hidden = span.first !== span.last || !this.line(span.first)?.classList.contains("is-open");
      check.querySelector<HTMLInputElement>('[name="line"]')!.value = String(span.first);
    }
  }

  private kind(): string {
    const shown = this.box.querySelector<HTMLElement>('[data-tab][aria-current="page"]')?.dataset["tab"] ?? "tasks";
    return this.box.querySelector("[data-addable]") ? shown : "tasks";
  }

  private links(span: Span): HTMLElement[] {
    return this.paths(span).map(({ path, name }) => {
      const button = make("button", "review-go", name);
      button.type = "button";
      button.dataset["link"] = path;
      return button;
    });
  }

  /** The records that stand on the chosen lines, each once. */
  private paths(span: Span): { path: string; name: string }[] {
    const found = new Map<string, string>();
    for (let number = span.first; number <= span.last; number += 1) {
      const line = this.line(number);
      const chips = [...(line?.querySelectorAll(".review-chip") ?? [])];
      (line?.dataset["for"] ?? "").split(" ").filter(Boolean).forEach((path, index) => found.set(path, chips[index]?.textContent ?? path));
    }
    return [...found].map(([path, name]) => ({ path, name }));
  }

  private openLines(): number[] {
    return [...this.box.querySelectorAll<HTMLElement>("[data-line].is-open")].map((line) => Number(line.dataset["line"]));
  }

  /** Runs of lines that were not understood count as one place to step to. */
  private step(way: number): void {
    const open = this.openLines();
    const starts = open.filter((number, index) => index === 0 || open[index - 1] !== number - 1);
    const at = this.chosen?.first ?? 0;
    const next = way > 0 ? starts.find((number) => number > at) ?? starts[0] : starts.filter((number) => number < at).pop() ?? starts[starts.length - 1];
    if (next === undefined) return;
    let last = next;
    while (open.includes(last + 1)) last += 1;
    this.showLines({ first: next, last });
  }

  private countOpen(): void {
    const steps = this.box.querySelector<HTMLElement>("[data-steps]");
    if (!steps || !this.list) return;
    const count = this.openLines().length;
    steps.hidden = count === 0;
    steps.querySelector("[data-open-count]")!.textContent = String(count);
  }

  // -- the records -------------------------------------------------------------------------------------

  private entry(path: string): HTMLElement | null {
    return this.box.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
  }

  /** Mark the records of the chosen lines; with `follow` bring the first one into view, loading its list. */
  private showRecords(follow: boolean): void {
    this.markRecords();
    if (!follow || !this.chosen) return;
    const paths = this.paths(this.chosen);
    const first = paths.find(({ path }) => this.entry(path)) ?? paths[0];
    if (first) this.showRecord(first.path, this.isPhone());
  }

  private markRecords(): void {
    for (const entry of this.linked) entry.classList.remove("is-linked");
    this.linked = [];
    if (!this.chosen) return;
    const { first, last } = this.chosen;
    for (const entry of this.box.querySelectorAll<HTMLElement>("[data-first]")) {
      if (Number(entry.dataset["first"]) <= last && Number(entry.dataset["last"]) >= first) {
        entry.classList.add("is-linked");
        this.linked.push(entry);
      }
    }
  }

  private showRecord(path: string, turn = true): void {
    const entry = this.entry(path);
    if (turn) this.turn("records");
    if (entry) {
      this.markRecords();
      entry.scrollIntoView({ block: "nearest" });
      return;
    }
    const tab = this.box.querySelector<HTMLElement>(`[data-tab="${path.split("/")[0]}"]`);
    // A long list comes in parts: what is not there yet is asked for part by part.
    const next = tab?.getAttribute("aria-current") ? this.box.querySelector<HTMLElement>("[data-more]") : tab;
    if (!next) return;
    this.awaited = path;
    next.click();
  }

  // -- the phone ---------------------------------------------------------------------------------------

  private isPhone(): boolean {
    return matchMedia("(max-width: 991.98px)").matches;
  }

  private turn(side: string): void {
    this.box.dataset["shown"] = side;
    for (const button of this.box.querySelectorAll<HTMLElement>("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset["view"] === side));
    }
  }
}

if (root) new Review(root);
