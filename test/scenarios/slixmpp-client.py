# Somebody with another XMPP client (slixmpp), who does what lines of JSON on standard input say:
#   {"id": 1, "do": "subscribe", "to": "alice@hub.example", "node": "…"}   →   {"id": 1, "done": …}  or  {"id": 1, "no": …}
# and says what they are told: {"event": "published", "node": "…", "item": "…", …}. One line each.
import asyncio
import json
import logging
import sys
import xml.etree.ElementTree as ET

# It would be told that a faster stringprep could be had.
logging.disable(logging.WARNING)
import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0059.stanza import Set
from slixmpp.plugins.xep_0060.stanza import Pubsub
from slixmpp.xmlstream import register_stanza_plugin

ATOM = "{http://www.w3.org/2005/Atom}"
PUBSUB = "http://jabber.org/protocol/pubsub"
SPARQL = "http://www.w3.org/2005/09/xmpp-sparql-binding"
RESULTS = "{http://www.w3.org/2005/sparql-results#}"
RSM = "{http://jabber.org/protocol/rsm}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def say(**line):
    print(json.dumps(line), flush=True)


def described(item):
    """An item as the scenarios look at it."""
    payload = item["payload"]
    text = {} if payload is None else {e.tag.replace(ATOM, ""): "".join(e.itertext()) for e in payload}
    return {"item": item["id"], "publisher": str(item["publisher"]), "text": text}


def term(element):
    """A value of SPARQL Query Results XML as the JSON format has it."""
    kind = element.tag.replace(RESULTS, "")
    lang, datatype = element.get(XML_LANG), element.get("datatype")
    more = {**({"xml:lang": lang} if lang else {}), **({"datatype": datatype} if datatype else {})}
    return {"type": kind, "value": element.text or "", **more}


def rows(results):
    return [{cell.get("name"): term(cell[0]) for cell in row} for row in results.iter(f"{RESULTS}result")]


def values(form):
    return {var: value for var, value in form.get_values().items() if var != "FORM_TYPE"}


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        self["feature_mechanisms"].unencrypted_plain = True
        self["feature_mechanisms"].unencrypted_scram = True
        for plugin in ("xep_0004", "xep_0030", "xep_0050", "xep_0059", "xep_0060", "xep_0070"):
            self.register_plugin(plugin)
        self.pubsub, self.disco, self.commands = self["xep_0060"], self["xep_0030"], self["xep_0050"]
        # COMPAT: slixmpp 1.8 pages disco only, unless told that <pubsub/> may have a <set/> too.
        register_stanza_plugin(Pubsub, Set)
        self.requests = {}
        self.confirmations = {}
        self.add_event_handler("session_start", self.begin)
        self.add_event_handler("failed_all_auth", lambda _: self.disconnect())
        self.add_event_handler("pubsub_publish", self.published)
        self.add_event_handler("pubsub_retract", self.retracted)
        self.add_event_handler("pubsub_subscription", self.subscription)
        self.add_event_handler("message_xform", self.asked)
        self.add_event_handler("http_confirm", self.confirmation)
        for event in ("purge", "delete"):
            self.add_event_handler(f"pubsub_{event}", lambda message, event=event: self.changed(message, event))
        self.add_event_handler("pubsub_config", lambda message: self.changed(message, "configuration"))

    def begin(self, _):
        self.send_presence()
        say(event="online")
        # Held, or it is collected while it waits.
        self.reading = asyncio.ensure_future(self.read())

    async def read(self):
        lines = asyncio.StreamReader()
        await self.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            request = json.loads(line)
            asyncio.ensure_future(self.answer(request.pop("id"), request.pop("do"), request))
        self.disconnect()

    async def answer(self, id, verb, parameters):
        try:
            say(id=id, done=await getattr(self, f"do_{verb}")(**parameters))
        except IqError as error:
            no = error.iq["error"]
            say(id=id, no={"condition": no["condition"], "pubsub": no["pubsub"]["condition"], "text": no["text"]})
        except Exception as error:
            say(id=id, no={"condition": type(error).__name__, "pubsub": "", "text": str(error)})

    # What they are told. Not by walking the items: who called us is doing that, and it is one walk for all.
    def published(self, message):
        node = message["pubsub_event"]["items"]["node"]
        for item in message["pubsub_event"]["items"].iterables:
            say(event="published", by=message["from"].bare, node=node, **described(item))

    def retracted(self, message):
        node = message["pubsub_event"]["items"]["node"]
        for item in message["pubsub_event"]["items"].iterables:
            say(event="retracted", by=message["from"].bare, node=node, item=item["id"])

    def subscription(self, message):
        told = message["pubsub_event"]["subscription"]
        say(event="subscription", node=told["node"], state=told["subscription"])

    def changed(self, message, event):
        say(event=event, node=message["pubsub_event"][event]["node"])

    def asked(self, message):
        form = message["form"]
        fields = values(form)
        self.requests[(fields["pubsub#node"], fields["pubsub#subscriber_jid"])] = message
        say(event="asked", node=fields["pubsub#node"], who=fields["pubsub#subscriber_jid"])

    def confirmation(self, stanza):
        id = stanza["confirm"]["id"]
        self.confirmations[id] = stanza
        said = stanza["body"] if stanza.name == "message" else ""
        say(event="confirmation", kind=stanza.name, item=id, by=stanza["from"].bare, body=said)

    # What they do.
    async def do_discover(self, to, node=None):
        info = (await self.disco.get_info(jid=to, node=node))["disco_info"]
        identities = sorted(f"{category}/{kind}" for category, kind, _, _ in info["identities"])
        return {"identities": identities, "features": sorted(info["features"])}

    async def do_list(self, to, node=None):
        listed = (await self.disco.get_items(jid=to, node=node))["disco_items"]["items"]
        return [{"to": str(jid), "node": node or "", "name": name or ""} for jid, node, name in listed]

    async def do_subscribe(self, to, node):
        told = (await self.pubsub.subscribe(to, node))["pubsub"]["subscription"]
        return {"state": told["subscription"], "subid": told["subid"]}

    async def do_unsubscribe(self, to, node, subid=None):
        await self.pubsub.unsubscribe(to, node, subid=subid)

    async def do_publish(self, to, node, payload, item=None, options=None):
        form = self.form(f"{PUBSUB}#publish-options", options) if options else None
        done = await self.pubsub.publish(to, node, id=item, payload=ET.fromstring(payload), options=form)
        return done["pubsub"]["publish"]["item"]["id"]

    async def do_retract(self, to, node, item):
        await self.pubsub.retract(to, node, item, notify="true")

    async def do_items(self, to, node):
        return [described(item) for item in (await self.pubsub.get_items(to, node))["pubsub"]["items"]]

    async def do_payloads(self, to, node):
        items = (await self.pubsub.get_items(to, node))["pubsub"]["items"]
        return {item["id"]: ET.tostring(item["payload"], encoding="unicode") for item in items}

    async def do_page(self, to, node, size):
        pages = self.pubsub.get_items(to, node, iterator=True)
        pages.amount, pages.results = size, "items"
        return [[item["id"] for item in page["pubsub"]["items"]] async for page in pages]

    async def do_create(self, to, node, config):
        await self.pubsub.create_node(to, node, config=self.form(f"{PUBSUB}#node_config", config))

    async def do_configuration(self, to, node):
        return values((await self.pubsub.get_node_config(to, node))["pubsub_owner"]["configure"]["form"])

    async def do_configure(self, to, node, config):
        await self.pubsub.set_node_config(to, node, self.form(f"{PUBSUB}#node_config", config))

    async def do_affiliate(self, to, node, who, affiliation):
        await self.pubsub.modify_affiliations(to, node, [(who, affiliation)])

    async def do_subscribers(self, to, node):
        told = (await self.pubsub.get_node_subscriptions(to, node))["pubsub_owner"]["subscriptions"]
        return {str(each["jid"]): each["subscription"] for each in told}

    async def do_purge(self, to, node):
        await self.pubsub.purge(to, node)

    async def do_delete(self, to, node):
        await self.pubsub.delete_node(to, node)

    async def do_pending(self, to):
        told = await self.commands.send_command(to, f"{PUBSUB}#get-pending")
        form = told["command"]["form"]
        return [option["value"] for option in form.get_fields()["pubsub#node"]["options"]]

    async def do_decide(self, node, who, allow):
        message = self.requests.pop((node, who))
        fields = values(message["form"])
        answer = self.Message()
        answer["to"] = message["from"]
        answer.append(self.form(f"{PUBSUB}#subscribe_authorization", {**fields, "pubsub#allow": allow}))
        answer.send()

    async def do_commands(self, to):
        listed = (await self.commands.get_commands(to))["disco_items"]["items"]
        return sorted(node for _, node, _ in listed)

    async def do_run(self, to, command, text):
        asked = (await self.commands.send_command(to, command))["command"]
        form = self["xep_0004"].make_form(ftype="submit")
        form.add_field(var="text", value=text)
        told = await self.commands.send_command(
            to, command, action="complete", sessionid=asked["sessionid"], payload=form
        )
        return {"status": told["command"]["status"], "notes": [text for _, text in told["command"]["notes"]]}

    async def do_jid(self):
        return str(self.boundjid)

    async def do_confirm(self, item, yes):
        asked = self.confirmations.pop(item)
        if asked.name == "iq":
            answer = asked.reply()
        else:
            answer = self.Message()
            answer["to"], answer["thread"] = asked["from"], asked["thread"]
            answer.append(asked["confirm"].xml)
        if not yes:
            answer["type"] = "error"
            answer["error"]["condition"] = "not-authorized"
        answer.send()

    async def do_stages(self, to, command, stages):
        told = (await self.commands.send_command(to, command))["command"]
        for action, fields in stages:
            form = self["xep_0004"].make_form(ftype="submit")
            for var, value in fields.items():
                form.add_field(var=var, value=value)
            told = (
                await self.commands.send_command(
                    to, command, action=action, sessionid=told["sessionid"], payload=form
                )
            )["command"]
        return {
            "status": told["status"],
            "notes": [text for _, text in told["notes"]],
            "values": values(told["form"]),
        }

    async def do_sparql(self, to, query, max=None, after=None):
        question = ET.Element(f"{{{SPARQL}}}query")
        question.text = query
        if max is not None:
            page = ET.SubElement(question, f"{RSM}set")
            ET.SubElement(page, f"{RSM}max").text = str(max)
            if after is not None:
                ET.SubElement(page, f"{RSM}after").text = after
        iq = self.make_iq_get(ito=to)
        iq.append(question)
        answer = (await iq.send()).xml[0]
        page = answer.find(f"{RSM}set")
        told = {} if page is None else {e.tag.replace(RSM, ""): e.text for e in page}
        turtle = answer.find("{https://w3id.org/sterna#}turtle")
        boolean = answer.find(f"{RESULTS}boolean")
        return {
            "name": answer.tag,
            "rows": rows(answer),
            "turtle": None if turtle is None else turtle.text or "",
            "boolean": None if boolean is None else boolean.text,
            "page": told,
        }

    def form(self, kind, fields):
        form = self["xep_0004"].make_form(ftype="submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value=kind)
        for var, value in fields.items():
            form.add_field(var=var if "#" in var else f"pubsub#{var}", value=value)
        return form


jid, password, port = sys.argv[1:]
client = Client(jid, password)
client.connect(("127.0.0.1", int(port)), disable_starttls=True)
client.process(forever=False)
