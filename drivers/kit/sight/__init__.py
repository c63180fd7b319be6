"""Sight: from the pixels of one camera frame to the codes in it. Pure over arrays: no camera, no clock of its own.

`cascade` tries reading stages in the order of their cost; `prepare`, `straighten` and `deblur` are what the stages
do to a frame first; `reads` is the result; `gate` decides which reads become news; `hints` looks at what could not
be read and says what the person could do about it.
"""
