// Wooden dining table, 150 x 80 x 75 cm, on a white sweep.
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "common.inc"

camera {
  location <-165, 150, -330>
  right x*4/3 up y
  angle 30
  look_at <2, 36, 0>
}
Studio(400)
Softbox(<-220, 380, -260>, <0, 40, 0>, 200, rgb 0.75)
Fill(<300, 300, -150>, rgb 0.2)

#declare Brown = Wood(srgb <0.62, 0.38, 0.21>, srgb <0.40, 0.21, 0.10>, 1.2)

// Top: five boards along x and a rounded edge.
#declare I = 0;
#while (I < 5)
  object {
    RBox(<-76, 71.4, -41 + I*16.4>, <76, 75, -41 + (I + 1)*16.4 - 0.05>, 0.5)
    texture { Brown rotate 90*y translate <I*31, I*17, I*5> }
  }
  #declare I = I + 1;
#end
// Apron.
#declare I = -1;
#while (I < 2)
  box { <-62, 61, I*33 - 1.2>, <62, 71.5, I*33 + 1.2> texture { Brown rotate 90*y translate 40*I*y } }
  box { <I*67 - 1.2, 61, -30>, <I*67 + 1.2, 71.5, 30> texture { Brown translate 23*I*y } }
  #declare I = I + 2;
#end
// Legs: a square block under the top, then a taper.
#declare I = 0;
#while (I < 4)
  #declare SX = 2*mod(I, 2) - 1;
  #declare SZ = 2*floor(I/2) - 1;
  union {
    object { RBox(<-4, 58, -4>, <4, 71.5, 4>, 0.4) }
    object { TaperLeg(58.2, 4.6, 7.9) }
    texture { Brown rotate 90*x translate <I*13, 0, I*29> }
    translate <SX*66.5, 0, SZ*32.5>
  }
  #declare I = I + 1;
#end
