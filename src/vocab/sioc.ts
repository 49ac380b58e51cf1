// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** SIOC Core: who wrote what, where, in answer to what. */
export const sioc = Object.freeze({
  namespace: "http://rdfs.org/sioc/ns#",
  /** A group of containers, sites and people that belong together. */
  Community: namedNode("http://rdfs.org/sioc/ns#Community"),
  /** Something that holds items: a microblog, a forum, a mailing list. */
  Container: namedNode("http://rdfs.org/sioc/ns#Container"),
  /** A place for discussion, held by a site. */
  Forum: namedNode("http://rdfs.org/sioc/ns#Forum"),
  /** Something that can stand in a container. */
  Item: namedNode("http://rdfs.org/sioc/ns#Item"),
  /** An article or message somebody published. */
  Post: namedNode("http://rdfs.org/sioc/ns#Post"),
  /** What an account may do in a given place. */
  Role: namedNode("http://rdfs.org/sioc/ns#Role"),
  /** Where accounts and containers live; each hub is one. */
  Site: namedNode("http://rdfs.org/sioc/ns#Site"),
  /** A place where data lives: a site, a desktop, a shared folder. */
  Space: namedNode("http://rdfs.org/sioc/ns#Space"),
  /** A container of posts that answer one another. */
  Thread: namedNode("http://rdfs.org/sioc/ns#Thread"),
  /** An account on a site, held by an agent. Posts are made by accounts, not by people. */
  UserAccount: namedNode("http://rdfs.org/sioc/ns#UserAccount"),
  /** Accounts that share a purpose or rights. */
  Usergroup: namedNode("http://rdfs.org/sioc/ns#Usergroup"),
  /** The person or agent who holds this account. */
  account_of: namedNode("http://rdfs.org/sioc/ns#account_of"),
  /** An account that a post speaks to: a mention, or the one it is meant for. */
  addressed_to: namedNode("http://rdfs.org/sioc/ns#addressed_to"),
  /** A file or medium that belongs to a post. */
  attachment: namedNode("http://rdfs.org/sioc/ns#attachment"),
  /** An image that stands for an account. */
  avatar: namedNode("http://rdfs.org/sioc/ns#avatar"),
  /** An item that stands in this container. */
  container_of: namedNode("http://rdfs.org/sioc/ns#container_of"),
  /** The text of a post, plain, without markup. */
  content: namedNode("http://rdfs.org/sioc/ns#content"),
  /** Something this account made. */
  creator_of: namedNode("http://rdfs.org/sioc/ns#creator_of"),
  /** A version that came before this one, near or far. */
  earlier_version: namedNode("http://rdfs.org/sioc/ns#earlier_version"),
  /** An address of the account, as a mailto: IRI. */
  email: namedNode("http://rdfs.org/sioc/ns#email"),
  /** A feed (Atom, RSS) of what the account or container publishes. */
  feed: namedNode("http://rdfs.org/sioc/ns#feed"),
  /** This account reads what the other account publishes. */
  follows: namedNode("http://rdfs.org/sioc/ns#follows"),
  /** An account that administers this site. */
  has_administrator: namedNode("http://rdfs.org/sioc/ns#has_administrator"),
  /** The container a post stands in. */
  has_container: namedNode("http://rdfs.org/sioc/ns#has_container"),
  /** The account that made this. */
  has_creator: namedNode("http://rdfs.org/sioc/ns#has_creator"),
  /** Where this is talked about. */
  has_discussion: namedNode("http://rdfs.org/sioc/ns#has_discussion"),
  /** The site that hosts this container. */
  has_host: namedNode("http://rdfs.org/sioc/ns#has_host"),
  /** An account that belongs to this group. */
  has_member: namedNode("http://rdfs.org/sioc/ns#has_member"),
  /** An account that moderates this container. */
  has_moderator: namedNode("http://rdfs.org/sioc/ns#has_moderator"),
  /** An account that changed this. */
  has_modifier: namedNode("http://rdfs.org/sioc/ns#has_modifier"),
  /** The account this belongs to. */
  has_owner: namedNode("http://rdfs.org/sioc/ns#has_owner"),
  /** The container that holds this container. */
  has_parent: namedNode("http://rdfs.org/sioc/ns#has_parent"),
  /** A post that answers this one. */
  has_reply: namedNode("http://rdfs.org/sioc/ns#has_reply"),
  /** The space this belongs to. */
  has_space: namedNode("http://rdfs.org/sioc/ns#has_space"),
  /** An account that receives what this container publishes. */
  has_subscriber: namedNode("http://rdfs.org/sioc/ns#has_subscriber"),
  /** A container this site hosts. */
  host_of: namedNode("http://rdfs.org/sioc/ns#host_of"),
  /** A name that is unique within its site. */
  id: namedNode("http://rdfs.org/sioc/ns#id"),
  /** The network address something was sent from. Read on import, never kept. */
  ip_address: namedNode("http://rdfs.org/sioc/ns#ip_address"),
  /** When something last happened here. */
  last_activity_date: namedNode("http://rdfs.org/sioc/ns#last_activity_date"),
  /** When the newest item was put here. */
  last_item_date: namedNode("http://rdfs.org/sioc/ns#last_item_date"),
  /** When the newest reply was made. */
  last_reply_date: namedNode("http://rdfs.org/sioc/ns#last_reply_date"),
  /** A version that came after this one, near or far. */
  later_version: namedNode("http://rdfs.org/sioc/ns#later_version"),
  /** The newest version of this post. */
  latest_version: namedNode("http://rdfs.org/sioc/ns#latest_version"),
  /** This account endorses an item. */
  likes: namedNode("http://rdfs.org/sioc/ns#likes"),
  /** Where a person can look at this. */
  link: namedNode("http://rdfs.org/sioc/ns#link"),
  /** A page the text points to. */
  links_to: namedNode("http://rdfs.org/sioc/ns#links_to"),
  /** An account that is named in the text. */
  mentions: namedNode("http://rdfs.org/sioc/ns#mentions"),
  /** A container this account moderates. */
  moderator_of: namedNode("http://rdfs.org/sioc/ns#moderator_of"),
  /** The name of an account, group or role. */
  name: namedNode("http://rdfs.org/sioc/ns#name"),
  /** The post in the same container that came directly after this one. */
  next_by_date: namedNode("http://rdfs.org/sioc/ns#next_by_date"),
  /** The version that replaced this one. */
  next_version: namedNode("http://rdfs.org/sioc/ns#next_version"),
  /** A remark about something. */
  note: namedNode("http://rdfs.org/sioc/ns#note"),
  /** How many accounts have written here. */
  num_authors: namedNode("http://rdfs.org/sioc/ns#num_authors"),
  /** How many items stand in this container. */
  num_items: namedNode("http://rdfs.org/sioc/ns#num_items"),
  /** How many replies this has. */
  num_replies: namedNode("http://rdfs.org/sioc/ns#num_replies"),
  /** How often this was looked at. */
  num_views: namedNode("http://rdfs.org/sioc/ns#num_views"),
  /** A container or thing this account owns. */
  owner_of: namedNode("http://rdfs.org/sioc/ns#owner_of"),
  /** A container within this container. */
  parent_of: namedNode("http://rdfs.org/sioc/ns#parent_of"),
  /** The post in the same container that came directly before this one; its absence at the reader's shows a gap. */
  previous_by_date: namedNode("http://rdfs.org/sioc/ns#previous_by_date"),
  /** The version this one replaced. */
  previous_version: namedNode("http://rdfs.org/sioc/ns#previous_version"),
  /** A post that has to do with this one. */
  related_to: namedNode("http://rdfs.org/sioc/ns#related_to"),
  /** The post this one answers. */
  reply_of: namedNode("http://rdfs.org/sioc/ns#reply_of"),
  /** A role that holds in this place. */
  scope_of: namedNode("http://rdfs.org/sioc/ns#scope_of"),
  /** An account that passed this on. */
  shared_by: namedNode("http://rdfs.org/sioc/ns#shared_by"),
  /** A post that is a copy of this one in another place. */
  sibling: namedNode("http://rdfs.org/sioc/ns#sibling"),
  /** Something that lives in this space. */
  space_of: namedNode("http://rdfs.org/sioc/ns#space_of"),
  /** A container whose posts this account receives. */
  subscriber_of: namedNode("http://rdfs.org/sioc/ns#subscriber_of"),
  /** What a post or container is about: a tag, or a concept somewhere else. */
  topic: namedNode("http://rdfs.org/sioc/ns#topic"),
});
