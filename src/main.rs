//! The binary: arguments in, exit code out. The rest is the library.

fn main() -> std::process::ExitCode {
    pglens::cli::main()
}
