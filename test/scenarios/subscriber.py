# An XMPP client of its own (slixmpp): logs in, subscribes to a PubSub node and prints what it is told, a line each.
import asyncio
import sys

import slixmpp


class Subscriber(slixmpp.ClientXMPP):
    def __init__(self, jid, password, service, node):
        super().__init__(jid, password)
        self["feature_mechanisms"].unencrypted_plain = True
        self["feature_mechanisms"].unencrypted_scram = True
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0060")
        self.service, self.node = service, node
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("failed_all_auth", lambda _: self.give_up("not let in"))
        self.add_event_handler("pubsub_publish", self.published)
        self.add_event_handler("pubsub_retract", self.retracted)

    def give_up(self, why):
        print("failed", why, flush=True)
        sys.exit(1)

    async def begin(self, _):
        self.send_presence()
        info = await self["xep_0030"].get_info(jid=self.service, node=self.node)
        print("node", sorted(f"{i[0]}/{i[1]}" for i in info["disco_info"]["identities"]), flush=True)
        await self["xep_0060"].subscribe(self.service, self.node)
        print("subscribed", flush=True)

    # Not by walking the items: who called us is doing that, and it is one walk for all.
    def published(self, message):
        for item in message["pubsub_event"]["items"].iterables:
            title = item["payload"].find("{http://www.w3.org/2005/Atom}title")
            print("published", item["id"], title.text, flush=True)

    def retracted(self, message):
        for item in message["pubsub_event"]["items"].iterables:
            print("retracted", item["id"], flush=True)


jid, password, port, service, node = sys.argv[1:]
client = Subscriber(jid, password, service, node)
client.connect(("127.0.0.1", int(port)), disable_starttls=True)
client.process(forever=True)
