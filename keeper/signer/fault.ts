export type SignerFault =
  /** Another keeper has raised the fence of this data folder (QUE-2). */
  | "fenced"
  /** A key, a board or the file that holds them is not usable. */
  | "keys"
  /** The guard's journal holds something that this version did not write. */
  | "guard";

/** What keeps a signer from signing at all. It never names a key. */
export class SignerError extends Error {
  override readonly name = "SignerError";
  readonly code: SignerFault;
  readonly fix: string;

  constructor(code: SignerFault, message: string, fix: string) {
    super(`${message}; ${fix}`);
    this.code = code;
    this.fix = fix;
  }
}
