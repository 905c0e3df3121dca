// Pictures that need no script and no font of their own: inline SVG with a title, in the colours of the page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace netlimits::report {

// How much of a whole, in thousandths rounded down: only what is full reads 1000. A whole of nothing is full.
std::uint64_t per_mille_of(std::uint64_t part, std::uint64_t whole);

// The same on a scale on which each doubling is as wide as the one before: 0 and 1 are nothing.
std::uint64_t per_mille_of_doublings(std::uint64_t part, std::uint64_t whole);

// "86.1 %"
std::string percent_text(std::uint64_t per_mille);

enum class BarKind : std::uint8_t { plain, full };  // full: this one refused somebody

// A bar as wide as the place that it stands in, filled so far. `title` is what a reader hears: plain text.
std::string bar_svg(std::uint64_t per_mille, BarKind kind, std::string_view title);

}  // namespace netlimits::report
