import { expect, test } from "@jest/globals";
import * as messages from "../../contracts/messages.ts";
import { newId } from "../../lib/ids.ts";
import { check } from "../../lib/validator.ts";

const chatId = newId();

/** What a sender is told of a message's further fields. */
function told(fields: Record<string, unknown>): string[] {
	const found = check(messages.send, { chatId, content: "x", ...fields });
	return found === true ? [] : found.map(({ message }) => message);
}

test("who sends a type that is not there is told which are", () => {
	expect(told({ type: "poll" })).toEqual([
		"The 'type' field must be one of: text, image, file, audio, video, custom.",
	]);
});

test("who mentions somebody twice is told so, without the whole list", () => {
	expect(told({ mentions: [chatId, newId(), chatId] })).toEqual([
		"The 'mentions' field must not have the same item twice.",
	]);
});

test.each(["1e400", "-1e400", '{"a":[{"b":1e999}]}'])(
	"metadata with the number of %s is refused, not emptied",
	json => {
		const metadata = JSON.parse(`{"n":${json}}`);
		expect(told({ metadata })).toEqual(["The 'metadata' field has a number that is too large."]);
	},
);

test("metadata may hold any number that JSON gives back", () => {
	expect(told({ metadata: { n: [1e308, -1e308, 5e-324, 0, 2 ** 60] } })).toEqual([]);
});
