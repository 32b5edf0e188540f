//! The catalogue is embedded file by file; a new file must rebuild it too.

fn main() {
    println!("cargo:rerun-if-changed=src/collectors");
}
