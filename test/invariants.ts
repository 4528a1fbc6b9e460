/**
 * What must hold under faults (I) and who must be kept out (T). A test names what it covers at the beginning of its
 * title: `"I7: …"`. Those here are tier A: tested in every run, and of each a test has been seen to fail on a seeded fault.
 */
export const TIER_A: Readonly<Record<string, string>> = {
	I1: "A send that was acknowledged is stored, after kill -9 of every node and of PostgreSQL, and reaches each device once, in order.",
	I2: "A key that is sent many times, at once and by every door, makes one message and equal answers.",
	I3: "A send whose answer was lost is stored once when it is repeated.",
	I4: "A key holds across token refreshes, reconnections and devices.",
	I5: "What fails half way leaves neither message, mark nor event.",
	I6: "No node starts on a PostgreSQL that may forget what it has committed.",
	I7: "In each chat `seq` is 1 to n without a gap or a repetition.",
	I8: "A device sees `rev` rise; what comes early waits, or is read.",
	I9: "Edits, reactions, deletions and marks end in the state of the database, whatever order they came in.",
	I11: "After every action the state before and the events give the state after, on every device.",
	I12: "A client that is cut off comes back without a gap or a repetition.",
	I13: "Too far behind says `reset`, never a silent hole.",
	I14: "What is committed between snapshot and subscription is neither missed nor doubled.",
	I15: "A lost event is noticed, and healed.",
	I16: "Catching up shows nothing that one lost the right to, and tells that it is lost.",
	I17: "Unread and mention counts are what a recount of the rows gives.",
	I18: "Marks only move forward.",
	I19: "A client that vanished is seen offline in time.",
	I20: "A user with several devices is offline only when the last goes.",
	I21: "After Redis was emptied presence is right again seconds after a lease's time at most.",
	I22: "Kafka has every committed event and no other, though it was away.",
	I23: "The first occurrences of a chat's events are in order on Kafka.",
	I24: "A consumer's effect comes once though an event comes twice.",
	I25: "The relay skips no row, though transactions commit out of the order of their ids.",
	I26: "A transaction that stays open delays the outbox for a while, and loses nothing.",
	I27: "Who held a part of the outbox and was frozen only repeats: of what it publishes late nothing is new or out of order.",
	I28: "A poison event is a dead letter, and holds up nothing.",
	I29: "The audit log's chain verifies, and shows every change of it.",
	I30: "While PostgreSQL is away nothing is acknowledged that is not stored; afterwards all goes on without a restart.",
	I31: "While Redis is away messages are still committed; afterwards every device catches up, and nothing was done twice.",
	I32: "After Redis was restarted each node has one set of subscriptions.",
	I34: "A node that stands still is missed, calls go round it, and what it does late does nothing twice.",
	I35: "Who stops reading is cut off, and nobody else suffers.",
	I37: "A node that is told to end finishes what it has begun, and tells its clients.",
	I39: "Nodes of two versions work beside each other, on the tables of the newer one.",
	I40: "Installations on the same servers see and hold nothing of each other.",
	T1: "No action without authentication.",
	T2: "No action on what is another's; what is hidden answers as what is absent.",
	T3: "Nobody hears a chat that is not theirs, nor one that no longer is.",
	T4: "A right that ends is over at once, for tokens and sockets that there are.",
	T9: "No field can be set but those that are the caller's to set.",
	T10: "No crafted token opens a door.",
	T12: "A refresh token used again ends its session; a repetition within 10 s does not.",
	T13: "Pages of other origins can neither call nor connect.",
	T15: "Large and broken packets harm nobody.",
	T18: "No input reaches an object's prototype.",
	T20: "A failed login costs and answers the same, whatever was wrong.",
	T22: "Passwords are stored with argon2id, all of each, and hashed anew when the parameters rise.",
	T37: "No error shows a stack, a query, a path or a host, and all have one shape.",
};

/** Those that take long runs to prove: `npm run test:chaos`. */
const TIER_B: Readonly<Record<string, string>> = {
	I10: "A node whose clock jumps changes neither order nor counts, nor how clients come back.",
	I33: "Whatever service is killed and comes again: what a client repeats succeeds, and nothing acknowledged is lost.",
	I36: "A node that is asked too much refuses early, says when to come again, and loses nothing that it accepted.",
	I38: "A thousand clients that are cut off at once are back soon, and cost PostgreSQL little.",
	I41: "A backup with its archived log brings back all that was acknowledged before the moment, and no event has its effect twice.",
	I42: "A node that works for long holds no more memory, files or connections than at its beginning.",
};

/** What each says, in a sentence that can fail. */
export const INVARIANTS: Readonly<Record<string, string>> = { ...TIER_A, ...TIER_B };
