//! The page's style: small, without anything to fetch, readable at night.

pub const CSS: &str = "
:root { color-scheme: light dark; --ink: #1c2733; --dim: #5d6b7a; --paper: #f6f7f9;
  --card: #fff; --line: #dfe4ea; --good: #1a7f45; --bad: #c22f2f; --warn: #9a6700; --spark: #2f6fd0; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe6ee; --dim: #93a1b1; --paper: #12171d;
  --card: #1a212a; --line: #2c3640; --good: #4cc27b; --bad: #f0716c; --warn: #e0b040; --spark: #6ea8fe; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.25rem; }
h1 { font-size: 1.3rem; margin: 0; }
nav a { margin-right: .9rem; }
a { color: var(--spark); text-decoration: none; } a:hover { text-decoration: underline; }
section.target { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: .9rem 1.1rem; margin-top: 1.1rem; }
h2 { font-size: 1.1rem; margin: 0 0 .1rem; display: flex; flex-wrap: wrap; gap: .2rem .7rem; align-items: baseline; }
h2 small { font-weight: normal; color: var(--dim); font-size: .85rem; }
.up, .down, .wait { font-size: .8rem; font-weight: 600; padding: .05rem .55rem; border-radius: 1rem; color: #fff; }
.up { background: var(--good); } .down { background: var(--bad); } .wait { background: var(--dim); }
@media (prefers-color-scheme: dark) { .up, .down, .wait { color: #10151a; } }
.error { color: var(--bad); margin: .4rem 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.8rem, 1fr)); gap: .6rem; margin: .8rem 0; }
.figure { border: 1px solid var(--line); border-radius: .45rem; padding: .45rem .6rem; min-width: 0; }
.figures.old { opacity: .45; }
.figure .area { color: var(--dim); font-size: .72rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .figure .title { font-size: .85rem; }
.figure .value { font-size: 1.25rem; font-weight: 600; } .figure .none { color: var(--dim); font-weight: normal; }
.figure svg { display: block; width: 100%; height: 2rem; }
.figure polyline { fill: none; stroke: var(--spark); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
details { margin-top: .5rem; } summary { cursor: pointer; color: var(--dim); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; margin-top: .4rem; }
th { text-align: left; color: var(--dim); font-weight: 600; }
th, td { padding: .22rem .6rem .22rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; }
.ok { color: var(--good); } .failed { color: var(--bad); } .skipped { color: var(--dim); } .pending { color: var(--warn); }
@media (max-width: 30rem) { body { padding: .7rem; } section.target { padding: .7rem .8rem; }
  .figures { grid-template-columns: 1fr 1fr; } }
footer { color: var(--dim); margin-top: 1.2rem; font-size: .85rem; }
";
