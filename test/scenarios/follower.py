# An XMPP client of its own (slixmpp): logs in, says in its presence what it wants to be told of, subscribes to somebody's
# presence and prints what it sees of them, a line each.
import asyncio
import hashlib
import sys

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath

MICROBLOG = "urn:xmpp:microblog:0"
NICK = "http://jabber.org/protocol/nick"
AVATAR = "urn:xmpp:avatar:metadata"


class Follower(slixmpp.ClientXMPP):
    def __init__(self, jid, password, whom):
        super().__init__(jid, password)
        self["feature_mechanisms"].unencrypted_plain = True
        self["feature_mechanisms"].unencrypted_scram = True
        for plugin in ("xep_0030", "xep_0060", "xep_0115", "xep_0163", "xep_0054", "xep_0084", "xep_0172"):
            self.register_plugin(plugin)
        self.whom = whom
        self.seen = set()
        self.auto_authorize = True
        self.auto_subscribe = False
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("presence_subscribe", self.asked)
        self.add_event_handler("presence_subscribed", lambda _: print("subscribed", flush=True))
        self.add_event_handler("presence_available", self.came)
        self.register_handler(Callback("told", StanzaPath("message/pubsub_event/items"), self.told))
        self.add_event_handler("failed_all_auth", lambda _: sys.exit("not let in"))

    async def begin(self, _):
        for node in (MICROBLOG, NICK, AVATAR):
            self["xep_0163"].add_interest(node)
        await self["xep_0115"].update_caps(broadcast=False)
        await self.get_roster()
        self.send_presence()
        self.send_presence(pto=self.whom, ptype="subscribe")

    def asked(self, presence):
        nick = presence.xml.find("{%s}nick" % NICK)
        print("asked by", nick.text if nick is not None else "nobody", flush=True)

    async def came(self, presence):
        photo = presence.xml.find("{vcard-temp:x:update}x/{vcard-temp:x:update}photo")
        if presence["from"].bare != self.whom or photo is None:
            return
        said = presence.xml.find("{http://jabber.org/protocol/caps}c")
        if "caps" not in self.seen and said is not None:
            self.seen.add("caps")
            node = "%s#%s" % (said.get("node"), said.get("ver"))
            info = await self["xep_0030"].get_info(jid=self.whom, node=node)
            ver = self["xep_0115"].generate_verstring(info["disco_info"], "sha-1")
            print("caps", "right" if ver == said.get("ver") else "wrong", flush=True)
        if photo.text and "photo" not in self.seen:
            self.seen.add("photo")
            card = await self["xep_0054"].get_vcard(jid=self.whom)
            card = card["vcard_temp"]
            data = card["PHOTO"]["BINVAL"]
            print("card", card["FN"], hashlib.sha1(data).hexdigest() == photo.text, flush=True)

    def told(self, message):
        asyncio.ensure_future(self.show(message))

    async def show(self, message):
        if message["from"].bare != self.whom:
            return
        items = message["pubsub_event"]["items"]
        for item in items.xml:
            payload = item[0]
            if items["node"] == MICROBLOG:
                print("post", payload.find("{http://www.w3.org/2005/Atom}title").text, flush=True)
            elif items["node"] == NICK:
                print("nick", payload.text, flush=True)
            elif items["node"] == AVATAR and len(payload) > 0:
                info = payload[0]
                data = await self["xep_0084"].retrieve_avatar(self.whom, info.get("id"))
                data = data["pubsub"]["items"]["item"]["avatar_data"]["value"]
                right = hashlib.sha1(data).hexdigest() == info.get("id")
                print("avatar", info.get("type"), "%sx%s" % (info.get("width"), info.get("height")), right, flush=True)


jid, password, port, whom = sys.argv[1:]
client = Follower(jid, password, whom)
client.connect(("127.0.0.1", int(port)), disable_starttls=True)
client.process(forever=True)
