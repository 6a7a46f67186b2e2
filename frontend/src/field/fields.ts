/** The fields of a form as the phone shows them: large, and with as little typing as can be. */

import { isAsked } from "./making";
import { button, element, label, language, word } from "./page";
import type { Choice, Field, Kept, Registration } from "./types";

type Change = (value: unknown) => void;

/** Draw the fields; `changed` is called with each input, with what is now to be kept. */
export function drawFields(
  kept: Kept, fields: Field[], registration: Registration | undefined, changed: (redraw: boolean) => void,
): HTMLElement[] {
  const steers = new Set(fields.flatMap((field) => (field.when ? [field.when[0]] : [])));
  return fields.filter((field) => isAsked(field, kept.fields)).map((field) => {
    const change: Change = (value) => {
      kept.fields[field.name] = value;
      changed(steers.has(field.name));
    };
    return row(field, kept, control(field, kept.fields[field.name], change, registration));
  });
}

function row(field: Field, kept: Kept, inside: HTMLElement): HTMLElement {
  const faults = (kept.reason?.problems ?? []).filter((problem) => problem.where?.field === field.name);
  const name = element("span", { className: "field-label", textContent: label(field), id: `label-${field.name}` });
  if (!field.required) name.append(element("small", { textContent: ` ${word("optional")}` }));
  inside.setAttribute("aria-labelledby", `label-${field.name}`);
  const shown = element("div", { className: "field-row" }, name, inside);
  shown.dataset["name"] = field.name;
  for (const fault of faults) shown.append(element("p", { className: "field-fault", textContent: fault.what[language()] }));
  return shown;
}

function control(field: Field, value: unknown, change: Change, registration: Registration | undefined): HTMLElement {
  switch (field.type) {
    case "choice":
      return chips(field.choice ?? [], value, change, !field.required);
    case "yesno":
      return chips(yesNo(), value, change, !field.required);
    case "many":
      return several(field.choice ?? [], (value as string[] | undefined) ?? [], change);
    case "people":
    case "bottles":
      return list((value as string[] | undefined) ?? [], change, field);
    case "division":
      return divisions(registration, value, change);
    case "long":
      return element("textarea", {
        className: "field-input", rows: 3, value: String(value ?? ""), maxLength: field.longest ?? 1000,
        oninput: (event) => change((event.target as HTMLTextAreaElement).value),
      });
    default:
      return text(field, value, change);
  }
}

function yesNo(): Choice[] {
  const both = (key: string): Choice => ({ value: key, label_zh: word(key), label_en: word(key) });
  return [both("yes"), both("no")];
}

function chip(text: string, pressed: boolean, act: (now: HTMLButtonElement) => void): HTMLButtonElement {
  const made: HTMLButtonElement = element("button", { type: "button", className: "field-chip", textContent: text });
  made.setAttribute("aria-pressed", String(pressed));
  made.onclick = () => act(made);
  return made;
}

/** One of several; pressed again it is taken back where nothing must be chosen. */
function chips(choices: Choice[], value: unknown, change: Change, free: boolean): HTMLElement {
  const box = element("div", { className: "field-chips", role: "group" });
  let chosen = value;
  for (const choice of choices) {
    box.append(chip(label(choice), chosen === choice.value, (now) => {
      chosen = free && chosen === choice.value ? "" : choice.value;
      for (const other of box.children) other.setAttribute("aria-pressed", String(other === now && chosen !== ""));
      change(chosen);
    }));
  }
  return box;
}

function several(choices: Choice[], value: string[], change: Change): HTMLElement {
  const chosen = new Set(value);
  const box = element("div", { className: "field-chips", role: "group" });
  for (const choice of choices) {
    box.append(chip(label(choice), chosen.has(choice.value), (now) => {
      if (!chosen.delete(choice.value)) chosen.add(choice.value);
      now.setAttribute("aria-pressed", String(chosen.has(choice.value)));
      change([...chosen]);
    }));
  }
  return box;
}

function text(field: Field, value: unknown, change: Change): HTMLElement {
  const input = element("input", {
    className: "field-input", value: String(value ?? ""), maxLength: field.longest ?? 60, autocomplete: "off" as const,
    inputMode: field.type === "number" ? "decimal" : "text", enterKeyHint: "next",
    oninput: () => change(input.value),
  });
  const quick = (language() === "en" ? field.quick_en : field.quick_zh) ?? [];
  if (!quick.length) return input;
  const box = element("div", { className: "field-chips" });
  for (const proposed of quick) {
    box.append(chip(proposed, false, () => {
      input.value = proposed;
      change(proposed);
    }));
  }
  return element("div", { role: "group" }, input, box);
}

/** A list of names or bottle codes: one line to add, each one to be taken away again. */
function list(value: string[], change: Change, field: Field): HTMLElement {
  const items = [...value];
  const box = element("div", { className: "field-list", role: "group" });
  const input = element("input", {
    className: "field-input", maxLength: field.longest ?? 60, autocomplete: "off" as const, enterKeyHint: "done", ariaLabel: label(field),
    // what stands in the line counts too: nobody loses a name because of a button not pressed
    oninput: () => change(input.value.trim() ? [...items, input.value.trim()] : items),
    onkeydown: (event) => {
      if (event.key === "Enter") add();
    },
  });
  const shown = element("div", { className: "field-chips" });
  const draw = (): void => {
    shown.replaceChildren(...items.map((item, index) => {
      const made = chip(`${item} ✕`, true, () => {
        items.splice(index, 1);
        draw();
        change([...items]);
      });
      made.ariaLabel = `${word("remove")} ${item}`;
      return made;
    }));
  };
  const add = (): void => {
    const name = input.value.trim();
    if (name && !items.includes(name)) items.push(name);
    input.value = "";
    draw();
    change([...items]);
  };
  draw();
  box.append(shown, element("div", { className: "field-add" }, input, button(word("add"), add, "is-small")));
  return box;
}

function divisions(registration: Registration | undefined, value: unknown, change: Change): HTMLElement {
  const box = element("select", { className: "field-input", onchange: () => change(box.value) });
  box.append(element("option", { value: "", textContent: word("choose") }));
  for (const county of registration?.counties ?? []) {
    const name = language() === "en" ? county.name_en : county.name;
    box.append(element("option", { value: county.division, textContent: name, selected: county.division === value }));
  }
  return box;
}
