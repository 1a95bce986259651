# SPDX-License-Identifier: GPL-2.0-or-later
# Input: "A B NAME", file A needs NAME of file B. Output: a line for each circle: its files in order, or, with details set,
# those lines of the input that tie it. Tarjan's strongly connected components.
{
	if (!($1 in seen)) { seen[$1]; nodes[++count] = $1 }
	if (!($2 in seen)) { seen[$2]; nodes[++count] = $2 }
	if (!(($1, $2) in ties)) next_of[$1, ++degree[$1]] = $2
	ties[$1, $2] = ties[$1, $2] " " $3
}

function min(a, b) { return a < b ? a : b }

function close_circle(root,    node, size, i, j, line) {
	do {
		node = stack[depth--]
		delete on_stack[node]
		for (i = ++size; i > 1 && circle[i - 1] > node; i--)
			circle[i] = circle[i - 1]
		circle[i] = node
	} while (node != root)
	if (size == 1)
		return
	for (i = 1; i <= size; i++)
		line = line (i > 1 ? " " : "") circle[i]
	print line
	for (i = 1; details && i <= size; i++)
		for (j = 1; j <= size; j++)
			if ((circle[i], circle[j]) in ties)
				print "    " circle[i] " needs of " circle[j] ":" ties[circle[i], circle[j]]
}

function visit(node,    i, other) {
	number[node] = low[node] = ++visited
	stack[++depth] = node
	on_stack[node]
	for (i = 1; i <= degree[node]; i++) {
		other = next_of[node, i]
		if (!(other in number)) {
			visit(other)
			low[node] = min(low[node], low[other])
		} else if (other in on_stack) {
			low[node] = min(low[node], number[other])
		}
	}
	if (low[node] == number[node])
		close_circle(node)
}

END {
	for (n = 1; n <= count; n++)
		if (!(nodes[n] in number))
			visit(nodes[n])
}
