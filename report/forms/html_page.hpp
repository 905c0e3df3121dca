// Pages that stand alone: no script, no file beside them, nothing fetched. They print as they look, and follow the
// reader's light or dark setting.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace netlimits::report {

// What a page has a section about: a line of its contents, and what became of it, or nothing.
struct PageEntry {
  std::string name{};
  std::string about{};
  std::string verdict{};  // "holds" or "FAILS"; empty: nothing was claimed
};

// The contents of a page of several sections, each with a link. The words are not escaped yet.
std::string contents_of(const std::vector<PageEntry>& entries);
// By its number on the page: what the link leads to, and what sets its ids apart.
std::string section_name(std::size_t index);
// <section> and its heading: the name, or of the only one, which the page itself names, what follows.
std::string section_begin(const std::string& name, std::size_t index, std::size_t sections);

// A whole document around a body that is HTML already. Equal arguments give equal bytes.
std::string html_page(const std::string& title, const std::string& body);

}  // namespace netlimits::report
