// How Linux reads a number that is written to a file under /proc/sys.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace netlimits {

struct SysctlNumber {
  std::uint64_t magnitude = 0;
  bool negative = false;
  std::string_view rest;  // what follows the number: empty, or beginning with a blank
};

// kernel/sysctl.c, proc_get_long(): leading blanks are skipped; '-' is taken, '+' is not; base 0, so 0x10 is sixteen
// and 010 is eight; the number must end at a blank or at the end. Nothing when that fails or the number needs more than
// 64 bits.
std::optional<SysctlNumber> read_sysctl_number(std::string_view text);

}  // namespace netlimits
