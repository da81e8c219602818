# Reads GCC's call graphs (-fcallgraph-info=su): the deepest stack of the library, without what a port needs.
# Ends in failure when a frame has no fixed size, or when functions call each other in a circle.

/^node:/ {
    title = quoted($0, "title: \"")
    if (match($0, /[0-9]+ bytes \([a-z,]+\)/)) {
        size = substr($0, RSTART, RLENGTH)
        bytes[title] = size + 0
        if (size !~ /\(static\)/) { print "not of fixed size: " title " " size; bad = 1 }
    }
}

/^edge:/ {
    from = quoted($0, "sourcename: \"")
    calls[from] = calls[from] "\n" quoted($0, "targetname: \"")
}

END {
    for (title in bytes)
        if (depth(title) > deepest) { deepest = depth(title); first = title }
    path = first
    for (title = first; below[title] != ""; title = below[title]) path = path " > " below[title]
    printf "deepest stack: %d bytes (%s)\n", deepest, path
    exit bad
}

function quoted(line, before,   at, rest) {
    at = index(line, before)
    rest = substr(line, at + length(before))
    return substr(rest, 1, index(rest, "\"") - 1)
}

function depth(title,   list, count, i, each, most) {
    if (title in known) return known[title]
    if (title in visiting) { print "calls itself: " title; bad = 1; return 0 }
    visiting[title] = 1
    count = split(substr(calls[title], 2), list, "\n")
    for (i = 1; i <= count; i++)
        if ((each = depth(list[i])) > most || (below[title] == "" && each > 0)) { most = each; below[title] = list[i] }
    delete visiting[title]
    known[title] = bytes[title] + most
    return known[title]
}
