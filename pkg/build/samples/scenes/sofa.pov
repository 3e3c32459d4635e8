// Three-seat sofa in a plain room.
// SPDX-License-Identifier: MIT OR Apache-2.0
#include "common.inc"

camera {
  location <-190, 135, -400>
  right x*4/3 up y
  angle 33
  look_at <3, 42, 0>
}
background { rgb 1 }
sky_sphere { pigment { rgb 0.9 } }
PlankFloor(srgb <0.80, 0.66, 0.49>, srgb <0.68, 0.52, 0.35>)
plane { -z, -75 pigment { srgb <0.91, 0.90, 0.87> } }
object { RBox(<-2000, 0, 73>, <2000, 11, 76>, 0.8) pigment { rgb 0.9 } }
Softbox(<-260, 330, -320>, <0, 40, 0>, 220, rgb <1, 0.97, 0.92>*0.6)
Fill(<340, 260, -240>, rgb 0.18)

#declare Dark = Wood(srgb <0.42, 0.26, 0.15>, srgb <0.26, 0.15, 0.08>, 1)
#declare Cloth = Fabric(srgb <0.52, 0.54, 0.56>, 0.3)

object { RBox(<-97, 13, -42>, <97, 31, 42>, 2.5) texture { Cloth } }
// Back frame and arms.
object { Cushion(97, 33, 9, 5, 0.02, 0.5, 1) rotate 6*x translate <0, 47, 37> texture { Cloth } }
#declare S = -1;
#while (S < 2)
  object { Cushion(11, 26, 44, 7, 0.05, 0.6, 5 + S) translate <S*101, 38, 0> texture { Cloth } }
  #declare S = S + 2;
#end
// Seat and back cushions.
#declare I = -1;
#while (I < 2)
  union {
    object { Cushion(29.7, 8, 33, 4, 0.22, 0.5, 11 + I*3) }
    object { Piping(29.6, 6.5, 32.9, 4, 0.5) }
    object { Piping(29.6, -6.5, 32.9, 4, 0.5) }
    texture { Cloth }
    translate <I*60, 39, -11>
  }
  object {
    Cushion(29.5, 8, 24, 7, 0.5, 1.2, 31 + I*3)
    rotate -76*x
    texture { Cloth }
    translate <I*60, 69, 19>
  }
  #declare I = I + 1;
#end
// Two scatter cushions.
#declare Throw = superellipsoid { <0.4, 1.1> scale <22, 22, 9> }
object { Throw rotate -6*z rotate 20*x rotate -18*y Fabric(srgb <0.82, 0.49, 0.24>, 0.3) translate <-70, 65, -1> }
object { Throw rotate 7*z rotate 20*x rotate 18*y Fabric(srgb <0.82, 0.49, 0.24>, 0.3) translate <71, 65, -1> }
// Feet.
#declare I = 0;
#while (I < 4)
  cone { <(2*mod(I, 2) - 1)*94, 0, (2*floor(I/2) - 1)*36>, 2, <(2*mod(I, 2) - 1)*94, 14, (2*floor(I/2) - 1)*36>, 3.2 texture { Dark rotate 90*x } }
  #declare I = I + 1;
#end
