// What the tests read most; see flags.cmake.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/cmake/precompiled.h"
