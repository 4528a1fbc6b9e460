import type { Effects } from "../effects.ts";
import type { Deed, InboxAnswer, Published, View } from "../record.ts";
import type { Rows } from "../rows.ts";

/** All that is known after a run. */
export interface Evidence {
	deeds: readonly Deed[];
	rows: Rows;
	views: readonly View[];
	inboxes: readonly InboxAnswer[];
	published: readonly Published[];
	/** The events that each topic of the outbox has on Kafka, by their ids. */
	topics: ReadonlyMap<string, ReadonlySet<string>>;
	effects: Effects;
}

/** What can be wrong. */
export const KINDS = {
	lost: "acknowledged, and not stored, or stored as something else",
	phantom: "stored though refused, or though nobody asked for it",
	doubled: "stored or told twice",
	misordered: "a place or a revision that is not where it has to be",
	unseen: "stored, and not told or shown to a device",
	differing: "a device shows something else than the database has",
	backward: "a mark that went back",
	miscounted: "a count that the rows do not give",
	unpublished: "committed, and not on Kafka",
	unfounded: "on Kafka, and not committed",
	misapplied: "an event that a consumer left out, or applied twice",
	unfinished: "asked for, and never done nor refused",
	buried: "a dead letter, though no event was unsound",
	noticed: "what a device has noticed by itself",
} as const;

export type Kind = keyof typeof KINDS;

export interface Finding {
	kind: Kind;
	what: string;
}

export type Check = (evidence: Evidence) => Finding[];
