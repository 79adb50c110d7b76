//! The first line: from Markdown to HTML in which nothing is what somebody wrote as HTML.

use std::cell::Cell;

use comrak::nodes::{AstNode, NodeLink, NodeValue};
use comrak::{Arena, Options, format_html, try_parse_document};

use super::clean::SCHEMES;
use super::typed;

/// Nodes of one text: more than 64 KiB of sense have.
const NODES_MAX: usize = 50_000;
/// How deep they may lie in each other.
const DEPTH_MAX: usize = 32;
/// Cells of its tables: rows are filled up to the length of their header.
const CELLS_MAX: usize = 10_000;
/// How often the parser, which asks every 256 steps, may go on. A step is a line, an inline or a node.
const PARSER_TURNS_MAX: usize = 2_000;
/// Headings begin below those of the page.
const HEADINGS_BELOW: u8 = 3;
const HEADING_LEVEL_MAX: u8 = 6;
/// What stands before tasks.
const DONE: &str = "\u{2611} ";
const OPEN: &str = "\u{2610} ";

type Node<'a> = &'a AstNode<'a>;

/// `text` as HTML; `None` if that costs more than a text is worth, or if nothing would be left to see.
pub(super) fn html(text: &str) -> Option<String> {
    let text = typed::kept(text);
    let options = options(&text);
    let arena = Arena::new();
    let turns = Cell::new(0);
    let root = try_parse_document(&arena, &text, &options, &|| {
        turns.set(turns.get() + 1);
        turns.get() > PARSER_TURNS_MAX
    })
    .ok()?;
    let nodes: Vec<Node<'_>> = root.descendants().take(NODES_MAX + 1).collect();
    if nodes.len() > NODES_MAX || is_too_deep(root) || !nodes.iter().any(|node| says_something(node)) {
        return None;
    }
    for node in nodes {
        mend(&arena, node);
    }
    let mut html = String::with_capacity(text.len() * 2);
    format_html(root, &options, &mut html).ok()?;
    Some(html)
}

fn options(text: &str) -> Options<'static> {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    let bars = |line: &str| line.bytes().filter(|byte| *byte == b'|').count();
    let rows = text.lines().map(bars).filter(|bars| *bars > 0);
    let (rows, columns) = rows.fold((0, 0), |(rows, most), bars| (rows + 1, bars.max(most)));
    options.extension.table = rows * (columns + 1) <= CELLS_MAX;
    // A line of dashes below a line of text is a line of dashes.
    options.parse.ignore_setext = true;
    options.render.hardbreaks = true;
    options.render.escape = true;
    options
}

fn is_too_deep(root: Node<'_>) -> bool {
    use comrak::arena_tree::NodeEdge;

    let mut depth = 0_usize;
    root.traverse().any(|edge| {
        match edge {
            NodeEdge::Start(_) => depth += 1,
            NodeEdge::End(_) => depth -= 1,
        }
        depth > DEPTH_MAX
    })
}

fn says_something(node: Node<'_>) -> bool {
    match &node.data().value {
        NodeValue::Text(text) => !text.trim().is_empty(),
        NodeValue::Code(_) | NodeValue::Image(_) | NodeValue::ThematicBreak => true,
        NodeValue::CodeBlock(block) => !block.literal.trim().is_empty(),
        NodeValue::HtmlBlock(block) => !block.literal.trim().is_empty(),
        NodeValue::HtmlInline(literal) => !literal.trim().is_empty(),
        _ => false,
    }
}

/// Makes of one node what it is to be here.
fn mend<'a>(arena: &'a Arena<'a>, node: Node<'a>) {
    let value = node.data().value.clone();
    match value {
        NodeValue::Heading(mut heading) => {
            heading.level = (heading.level + HEADINGS_BELOW).min(HEADING_LEVEL_MAX);
            node.data_mut().value = NodeValue::Heading(heading);
        }
        NodeValue::CodeBlock(mut block) => {
            // One word says the language; more is something that somebody has said.
            let info = std::mem::take(&mut block.info);
            if info.trim().contains(' ') {
                block.literal.insert_str(0, &format!("{info}\n"));
            }
            node.data_mut().value = NodeValue::CodeBlock(block);
        }
        NodeValue::HtmlBlock(block) => {
            node.data_mut().value = NodeValue::Paragraph;
            for (number, line) in block.literal.lines().enumerate() {
                if number > 0 {
                    node.append(new(arena, NodeValue::LineBreak));
                }
                node.append(new(arena, NodeValue::Text(line.to_owned().into())));
            }
        }
        NodeValue::HtmlInline(literal) => node.data_mut().value = NodeValue::Text(literal.into()),
        NodeValue::TaskItem(task) => {
            let item = node.parent().and_then(|list| match &list.data().value {
                NodeValue::List(list) => Some(*list),
                _ => None,
            });
            let mark = if task.symbol.is_some() { DONE } else { OPEN };
            let mark = new(arena, NodeValue::Text(mark.into()));
            match node.first_child() {
                Some(child) if matches!(child.data().value, NodeValue::Paragraph) => child.prepend(mark),
                _ => {
                    let paragraph = new(arena, NodeValue::Paragraph);
                    paragraph.append(mark);
                    node.prepend(paragraph);
                }
            }
            node.data_mut().value = NodeValue::Item(item.unwrap_or_default());
        }
        NodeValue::Image(image) => link(arena, node, image),
        NodeValue::Link(target) => link(arena, node, target),
        _ => {}
    }
}

/// A link, if it leads where links may lead and is not within another; otherwise what it says and where it would lead.
fn link<'a>(arena: &'a Arena<'a>, node: Node<'a>, target: Box<NodeLink>) {
    let is_within = node
        .ancestors()
        .skip(1)
        .any(|outer| matches!(outer.data().value, NodeValue::Link(_) | NodeValue::Image(_)));
    let leads = |scheme: &&str| {
        let rest = target.url.get(..scheme.len());
        rest.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && target.url[scheme.len()..].starts_with(':')
    };
    if node.first_child().is_none() {
        node.append(new(arena, NodeValue::Text(target.url.clone().into())));
    }
    if !is_within && SCHEMES.iter().any(leads) {
        node.data_mut().value = NodeValue::Link(target);
        return;
    }
    if !is_within && !target.url.is_empty() && !node.descendants().any(|inner| is_text(inner, &target.url)) {
        node.append(new(arena, NodeValue::Text(format!(" ({})", target.url).into())));
    }
    let children: Vec<Node<'a>> = node.children().collect();
    for child in children {
        node.insert_before(child);
    }
    node.detach();
}

fn is_text(node: Node<'_>, text: &str) -> bool {
    matches!(&node.data().value, NodeValue::Text(found) if found == text)
}

fn new<'a>(arena: &'a Arena<'a>, value: NodeValue) -> Node<'a> {
    arena.alloc(value.into())
}
