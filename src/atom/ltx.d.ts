// ltx 3 brings no types; these are the parts used.
declare module "ltx" {
  export class Element {
    constructor(name: string, attrs?: Readonly<Record<string, string | undefined>>);
    name: string;
    parent: Element | null;
    attrs: Record<string, string | undefined>;
    children: (Element | string)[];
    is(name: string, xmlns?: string): boolean;
    /** The name without its prefix. */
    getName(): string;
    getNS(): string | undefined;
    getChild(name: string, xmlns?: string): Element | undefined;
    getChildren(name: string, xmlns?: string): Element[];
    getChildElements(): Element[];
    getText(): string;
    getChildText(name: string, xmlns?: string): string | null;
    cnode<T extends Element>(child: T): T;
    toString(): string;
  }
  export class Parser {
    on(event: "tree", listener: (element: Element) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    write(text: string): void;
    end(text?: string): void;
  }
  export function clone(element: Element): Element;
}
