import type { RefObject } from "react";
import { SearchIcon } from "./icons.tsx";

export interface FindFieldProps {
	value: string;
	onChange: (value: string) => void;
	label: string;
	maxLength?: number;
	ref?: RefObject<HTMLInputElement | null>;
}

/** Where one types what one looks for. */
export function FindField({ value, onChange, label, maxLength, ref }: FindFieldProps) {
	return (
		<label className="parley-find">
			<SearchIcon width={18} height={18} />
			<input
				ref={ref}
				type="search"
				value={value}
				maxLength={maxLength}
				placeholder={label}
				aria-label={label}
				onChange={event => onChange(event.target.value)}
			/>
		</label>
	);
}
