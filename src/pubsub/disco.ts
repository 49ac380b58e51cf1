/** An entity's answer to disco#info (XEP-0030 §3), as values. */
export interface DiscoInfo {
  readonly identities: readonly {
    readonly category: string;
    readonly type: string;
    readonly name?: string;
    /** `xml:lang` of the name. */
    readonly lang?: string;
  }[];
  readonly features: readonly string[];
  /** XEP-0128 forms: FORM_TYPE and fields with their values. */
  readonly forms: readonly DiscoForm[];
}

/** One XEP-0128 extension form. */
export interface DiscoForm {
  readonly formType: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type?: string;
    readonly label?: string;
    readonly values: readonly string[];
  }[];
}

/** One row of disco#items (XEP-0030 §4). For the items of a PubsubNode, `name` is the item id and `node` is absent. */
export interface DiscoItem {
  readonly jid: string;
  readonly node?: string;
  readonly name?: string;
}
