import { type KeyboardEvent, useEffect, useId, useState } from "react";

/** A field with a list below it: the arrows choose in the list while the cursor stays in the field. */
export function useListKeys(count: number, choose: (index: number) => void) {
	const listId = useId();
	const [wanted, setActive] = useState(0);
	const active = Math.min(wanted, Math.max(0, count - 1));
	useEffect(() => {
		document.getElementById(`${listId}-${active}`)?.scrollIntoView({ block: "nearest" });
	}, [active, listId]);
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.nativeEvent.isComposing) return;
		// Also where there is nothing to choose yet: it sends no form.
		if (event.key === "Enter") choose(active);
		else if (count === 0) return;
		else if (event.key === "ArrowDown") setActive((active + 1) % count);
		else if (event.key === "ArrowUp") setActive((active + count - 1) % count);
		else return;
		event.preventDefault();
	};
	return {
		active,
		setActive,
		field: {
			role: "combobox",
			"aria-expanded": count > 0,
			"aria-controls": listId,
			"aria-autocomplete": "list",
			"aria-activedescendant": count > 0 ? `${listId}-${active}` : undefined,
			autoComplete: "off",
			onKeyDown,
		} as const,
		list: { id: listId, role: "listbox" } as const,
		option: (index: number) => ({
			id: `${listId}-${index}`,
			role: "option" as const,
			"aria-selected": index === active,
			onMouseMove: () => setActive(index),
			onClick: () => choose(index),
		}),
	};
}
