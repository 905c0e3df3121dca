// Catch2 v2 or v3, whichever the machine has.
#pragma once

#ifdef NETLIMITS_CATCH2_V3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
