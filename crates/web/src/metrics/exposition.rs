//! Prometheus' text form.

use std::fmt::{Display, Write as _};

/// A text of families and their samples. Writing to a text cannot fail.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    text: String,
    family: &'static str,
}

impl Exposition {
    pub(super) fn counter(&mut self, name: &'static str, help: &str) {
        self.family(name, "counter", help);
    }

    pub(super) fn gauge(&mut self, name: &'static str, help: &str) {
        self.family(name, "gauge", help);
    }

    pub(super) fn histogram(&mut self, name: &'static str, help: &str) {
        self.family(name, "histogram", help);
    }

    /// A sample of the family that was begun last.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.part("", labels, value);
    }

    /// A sample of a part of the family, such as a bucket.
    pub(super) fn part(&mut self, part: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.family);
        self.text.push_str(part);
        for (place, (name, label)) in labels.iter().enumerate() {
            self.text.push(if place == 0 { '{' } else { ',' });
            write!(self.text, "{name}=\"{}\"", escaped(label)).ok();
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        writeln!(self.text, " {value}").ok();
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
    }
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_samples_are_written_as_prometheus_reads_them() {
        let mut out = Exposition::default();
        out.gauge("a", "What a is.");
        out.sample(&[], 1);
        out.sample(&[("x", "1"), ("y", "a\"b\\c\nd")], 0.5);
        out.part("_sum", &[("x", "1")], 2);
        let expected = "# HELP a What a is.\n# TYPE a gauge\na 1\n\
                        a{x=\"1\",y=\"a\\\"b\\\\c\\nd\"} 0.5\na_sum{x=\"1\"} 2\n";
        assert_eq!(out.into_text(), expected);
    }
}
