/** Users who only listen, in a process of their own, so that all of them can stop reading at one moment: SIGSTOP. */

import { Member } from "../../../load/stage/member.ts";
import { tokenOf } from "../../../load/stage/tokens.ts";
import { inTurns } from "../../../load/stage/turns.ts";

const CONNECTS_AT_ONCE = 16;

const [port, secret = "", first, count] = process.argv.slice(2);
const users = Array.from({ length: Number(count) }, (_, n) => Number(first) + n);
await inTurns(
	users,
	user => Member.connect(Number(port), user, tokenOf(secret, user), { message() {} }).then(() => {}),
	CONNECTS_AT_ONCE,
);
process.send?.("here");
