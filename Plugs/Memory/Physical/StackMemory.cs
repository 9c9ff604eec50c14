using System.Runtime.CompilerServices;

// Whoever takes memory from the stack writes it before it reads it: clearing it first was a tenth of the boot from the map to the heap.
// All of it in the kernels was read through for that; whoever adds a stackalloc keeps to it. Local variables are no matter: the language
// does not let them be read before they are set.
[module: SkipLocalsInit]
