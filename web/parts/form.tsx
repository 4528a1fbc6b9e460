import { type ComponentProps, type ReactNode, useId, useState } from "react";
import { useTexts } from "../i18n/i18n.ts";
import { Icon } from "./icon.tsx";
import type { Problem } from "./problem.rules.ts";

interface FieldProps extends Omit<ComponentProps<"input">, "id"> {
	label: string;
	name: string;
	hint?: string;
	optional?: boolean;
	error?: string | undefined;
}

/** One line of text with its label, hint and what is wrong with it. */
export function Field({ label, hint, optional, error, ...input }: FieldProps) {
	const id = useId();
	return (
		<FieldFrame id={id} label={label} hint={hint} optional={optional} error={error}>
			<input {...described(id, error, hint)} className="app-input" {...input} />
		</FieldFrame>
	);
}

export function PasswordField({ label, hint, error, ...input }: FieldProps) {
	const t = useTexts();
	const id = useId();
	const [shown, setShown] = useState(false);
	return (
		<FieldFrame id={id} label={label} hint={hint} error={error}>
			<span className="app-input-with">
				<input
					{...described(id, error, hint)}
					className="app-input"
					{...input}
					type={shown ? "text" : "password"}
				/>
				<button
					type="button"
					className="app-icon-button"
					aria-label={t.showPassword}
					aria-pressed={shown}
					onClick={() => setShown(!shown)}
				>
					<Icon name="eye" />
				</button>
			</span>
		</FieldFrame>
	);
}

interface AreaProps extends Omit<ComponentProps<"textarea">, "id"> {
	label: string;
	name: string;
	hint?: string;
	optional?: boolean;
	error?: string | undefined;
}

export function Area({ label, hint, optional, error, ...area }: AreaProps) {
	const id = useId();
	return (
		<FieldFrame id={id} label={label} hint={hint} optional={optional} error={error}>
			<textarea {...described(id, error, hint)} className="app-input app-area" rows={3} {...area} />
		</FieldFrame>
	);
}

const described = (id: string, error: string | undefined, hint: string | undefined) => ({
	id,
	"aria-invalid": error ? true : undefined,
	"aria-describedby": error ? `${id}-error` : hint ? `${id}-hint` : undefined,
});

interface FrameProps {
	id: string;
	label: string;
	hint?: string | undefined;
	optional?: boolean | undefined;
	error?: string | undefined;
	children: ReactNode;
}

function FieldFrame({ id, label, hint, optional, error, children }: FrameProps) {
	const t = useTexts();
	return (
		<div className="app-field">
			<label htmlFor={id}>
				{label}
				{optional && <span className="app-optional"> ({t.optional})</span>}
			</label>
			{children}
			{error ? (
				<p className="app-field-error" id={`${id}-error`}>
					{error}
				</p>
			) : (
				hint && (
					<p className="app-hint" id={`${id}-hint`}>
						{hint}
					</p>
				)
			)}
		</div>
	);
}

interface SwitchProps {
	label: string;
	text?: string;
	on: boolean;
	disabled?: boolean;
	onChange(on: boolean): void;
}

export function Switch({ label, text, on, disabled, onChange }: SwitchProps) {
	const id = useId();
	return (
		<div className="app-switch-row">
			<span>
				<label htmlFor={id}>{label}</label>
				{text && (
					<span className="app-hint" id={`${id}-text`}>
						{text}
					</span>
				)}
			</span>
			<input
				id={id}
				type="checkbox"
				role="switch"
				aria-checked={on}
				className="app-switch"
				checked={on}
				disabled={disabled}
				aria-describedby={text ? `${id}-text` : undefined}
				onChange={event => onChange(event.target.checked)}
			/>
		</div>
	);
}

interface ChoiceProps<T extends string> {
	label: string;
	value: T;
	choices: readonly { value: T; label: string }[];
	onChange(value: T): void;
}

/** One of a few, all of them seen. */
export function Choice<T extends string>({ label, value, choices, onChange }: ChoiceProps<T>) {
	const name = useId();
	return (
		<fieldset className="app-choice">
			<legend>{label}</legend>
			<div className="app-choice-row">
				{choices.map(choice => (
					<label key={choice.value}>
						<input
							type="radio"
							name={name}
							checked={choice.value === value}
							onChange={() => onChange(choice.value)}
						/>
						<span>{choice.label}</span>
					</label>
				))}
			</div>
		</fieldset>
	);
}

export function Select<T extends string>({ label, value, choices, onChange }: ChoiceProps<T>) {
	const id = useId();
	return (
		<div className="app-field">
			<label htmlFor={id}>{label}</label>
			<select
				id={id}
				className="app-input"
				value={value}
				onChange={event => {
					const chosen = choices.find(choice => choice.value === event.target.value);
					if (chosen) onChange(chosen.value);
				}}
			>
				{choices.map(choice => (
					<option key={choice.value} value={choice.value}>
						{choice.label}
					</option>
				))}
			</select>
		</div>
	);
}

/** What went wrong, told at once to those who listen. */
export function ProblemNote({ problem }: { problem: Problem | null }) {
	return (
		<div role="alert">
			{problem && (
				<p className="app-problem" data-code={problem.code ?? undefined}>
					{problem.text}
				</p>
			)}
		</div>
	);
}
