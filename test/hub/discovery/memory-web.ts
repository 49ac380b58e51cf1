import type { PoliteWeb } from "../../../src/hub/ports/polite-web.ts";
import { isRefusal, type Refusal } from "../../../src/outcome/refusal.ts";
import type { TestHub } from "../test-hub.ts";

/** The web in memory, always in turn: pages of the hubs of the network. */
export class MemoryWeb implements PoliteWeb {
  readonly read: PoliteWeb["read"];
  readonly asked: string[] = [];
  /** Why a host may not be asked, by its origin. */
  readonly refused = new Map<string, Refusal>();

  constructor({ remote }: TestHub) {
    this.read = async (address) => {
      this.asked.push(address);
      const no = await this.turn(address);
      if (no !== undefined) return no;
      const page = await remote.rdf(address);
      return isRefusal(page) ? page : { kind: "page", ...page, fresh_ms: 3_600_000, mayKeep: true };
    };
  }

  async turn(address: string): Promise<undefined | Refusal> {
    return this.refused.get(`${new URL(address).origin}/`);
  }
}
