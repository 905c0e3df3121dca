// Lists of ports as administrators write them: "8080,9000-9010".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/net/port.hpp"

namespace netlimits {

// Reads the syntax of net.ipv4.ip_local_reserved_ports (kernel/sysctl.c, proc_do_large_bitmap; measured on 6.18):
// numbers and closed ranges with commas between them, no blanks; one comma may trail; an empty text is an empty list;
// numbers may be decimal, octal (0...) or hexadecimal (0x...). Nothing for anything else.
// The ranges come out sorted, disjoint and with neighbours joined, as the kernel prints them.
std::optional<std::vector<PortRange>> parse_port_list(std::string_view text);

// Sorts, and joins what overlaps or touches.
std::vector<PortRange> normalised(std::vector<PortRange> ranges);

std::string port_list_text(const std::vector<PortRange>& ranges);

}  // namespace netlimits
