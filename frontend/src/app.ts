/** What every page needs: the styles, htmx, and menus that close again. */

import "@tabler/core/dist/css/tabler.min.css";
import "./styles/app.css";
import htmx from "htmx.org";

interface RequestDetail {
  ctx: { request: { method: string; headers: Record<string, string> } };
}

/** Send Django's token with each htmx request that may write. */
function sendToken(event: Event): void {
  const { request } = (event as CustomEvent<RequestDetail>).detail.ctx;
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  if (token && !["GET", "HEAD"].includes(request.method.toUpperCase())) {
    request.headers["X-CSRFToken"] = token;
  }
}

/** Say that a request did not arrive; a page that stays silent looks as if all were well. */
function showFailure(): void {
  document.getElementById("connection-failure")?.removeAttribute("hidden");
}

function hideFailure(): void {
  document.getElementById("connection-failure")?.setAttribute("hidden", "");
}

/** Menus are plain `<details>`: they open without any script; here they also close. */
function closeMenus(except?: Node | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

function closeOnEscape(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  const open = (event.target as Element | null)?.closest<HTMLDetailsElement>("details[data-menu][open]");
  closeMenus();
  open?.querySelector("summary")?.focus();
}

/** A second click on a submit button does not send a form twice. */
function sendOnce(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  // By its attribute: a field named "method" hides the property.
  if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
  if (form.dataset["sent"]) {
    event.preventDefault();
    return;
  }
  form.dataset["sent"] = "yes";
  form.setAttribute("aria-busy", "true");
}

/** A page that comes back from the browser's memory may be sent again. */
function allowAgain(event: PageTransitionEvent): void {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset["sent"];
    form.removeAttribute("aria-busy");
  }
}

/** A filter takes effect when it is changed, without a press of the button. */
function submitOnChange(event: Event): void {
  const field = event.target as HTMLElement;
  field.closest<HTMLFormElement>("form[data-submit-on-change]")?.requestSubmit();
}

// Attributes are never evaluated as programs: the policy forbids it and nothing here needs it.
htmx.config.includeIndicatorCSS = false;
document.addEventListener("htmx:config:request", sendToken);
document.addEventListener("htmx:error", showFailure);
document.addEventListener("htmx:after:request", hideFailure);
document.addEventListener("click", (event) => closeMenus(event.target as Node));
document.addEventListener("keydown", closeOnEscape);
document.addEventListener("submit", sendOnce);
document.addEventListener("change", submitOnChange);
window.addEventListener("pageshow", allowAgain);
