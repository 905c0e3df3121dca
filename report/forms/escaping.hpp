// Text that comes from outside (names, messages, file names, what tools print) in each form that a result has: one
// function a form, which every writer calls on every such text. Whatever the text is, what comes out is UTF-8, steers
// no terminal and no log (scenarios/json/plain_text.hpp), and means in its form what it says.
//
// JSON keeps everything, as escapes: report/forms/json_text.hpp.
#pragma once

#include <string>
#include <string_view>

namespace netlimits::report {

// A part of a line of text: an item, a cell, a message on standard error.
std::string text_line(std::string_view text);

// A part of a line of Markdown. Nobody is mentioned (@), no issue is referred to (#1), nothing becomes a link, an
// image, a heading, a list or a formula, and nothing is struck through.
std::string markdown_text(std::string_view text);

// A part of an HTML element on a line of Markdown, such as <summary>: only the word breaks of markdown_text() count
// there.
std::string markdown_html_text(std::string_view text);

// Between tags of a page, or in an attribute in double quotes.
std::string html_text(std::string_view text);

// What XML 1.0 can hold (2.2 Char); its library writes the references.
std::string xml_line(std::string_view text);
std::string xml_lines(std::string_view text);

// The description of a point of TAP, and the reason of a directive.
std::string tap_text(std::string_view text);
// A scalar in the YAML block of a TAP point, in double quotes.
std::string tap_scalar(std::string_view text);

// Workflow commands of GitHub Actions: the message, of one or several lines, and the value of a property.
std::string command_data(std::string_view text);
std::string command_property(std::string_view text);

}  // namespace netlimits::report
