// Packet filter rules of the network namespace that the calling thread is in, through the program `nft`. The library
// behind it is GPL-2, so the program is run instead; it is optional.
#pragma once

#include <string>
#include <vector>

#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

bool nft_exists();  // in the usual places and in PATH

// Runs `nft -f -` with this text. A refusal carries what nft wrote.
SystemResult<void> run_nft(const std::string& commands);
// What `nft ARGUMENTS...` prints.
SystemResult<std::string> ask_nft(const std::vector<std::string>& arguments);

}  // namespace netlimits::live
